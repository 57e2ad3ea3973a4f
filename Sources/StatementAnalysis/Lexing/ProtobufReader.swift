/// The fields of one protobuf message, of the two wire types libpg_query's scanner uses.
struct ProtobufReader {
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>
    /// The message ended within a field, or has a wire type that is not expected.
    private(set) var isBroken = false

    init(_ message: ArraySlice<UInt8>) { rest = message }

    mutating func next() -> (field: UInt64, value: Value)? {
        guard !rest.isEmpty, !isBroken else { return nil }
        guard let tag = varint() else { return broken() }
        switch tag & 7 {
        case 0:
            guard let number = varint() else { return broken() }
            return (tag >> 3, .number(number))
        case 2:
            guard let length = varint(), length <= UInt64(rest.count) else { return broken() }
            let bytes = rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
            return (tag >> 3, .bytes(bytes))
        default: return broken()
        }
    }

    private mutating func broken() -> (field: UInt64, value: Value)? {
        isBroken = true
        return nil
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
