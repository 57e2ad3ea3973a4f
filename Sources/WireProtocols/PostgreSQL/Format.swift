/// How a value is written: the type's text or its binary representation.
package enum Format: UInt16, Equatable, Sendable {
    case text = 0
    case binary = 1
}

extension ByteReader {
    @_lifetime(self: copy self)
    package mutating func readFormat() throws(WireError) -> Format {
        let code = try readUInt16()
        guard let format = Format(rawValue: code) else { throw .valueOutOfRange(Int(code)) }
        return format
    }

    /// An Int16 count and as many formats.
    @_lifetime(self: copy self)
    package mutating func readFormats() throws(WireError) -> [Format] {
        let count = Int(try readUInt16())
        guard remaining >= 2 * count else { throw .truncated }
        var formats: [Format] = []
        formats.reserveCapacity(count)
        for _ in 0..<count { formats.append(try readFormat()) }
        return formats
    }

    /// An Int16 count and as many type OIDs.
    @_lifetime(self: copy self)
    package mutating func readTypes() throws(WireError) -> [UInt32] {
        let count = Int(try readUInt16())
        guard remaining >= 4 * count else { throw .truncated }
        var types: [UInt32] = []
        types.reserveCapacity(count)
        for _ in 0..<count { types.append(try readUInt32()) }
        return types
    }
}

extension [Format] {
    /// The format of element `index` of `Bind`'s and `FunctionCall`'s lists: none means text, one means all.
    package func applied(to index: Int) -> Format {
        switch count {
        case 0: .text
        case 1: self[0]
        default: index < count ? self[index] : .text
        }
    }
}

extension [UInt8] {
    package mutating func appendFormats(_ formats: [Format]) {
        appendUInt16(UInt16(formats.count))
        for format in formats { appendUInt16(format.rawValue) }
    }

    package mutating func appendTypes(_ types: [UInt32]) {
        appendUInt16(UInt16(types.count))
        for type in types { appendUInt32(type) }
    }
}
