/// Reads the JSON of records member by member, in the order the format fixes. Any bytes may be given; it throws,
/// never traps, and takes time linear in their count.
struct JSONCursor {
    private let bytes: [UInt8]
    private(set) var offset = 0

    /// Deepest nesting of a value that is skipped.
    static let maximumDepth = 16

    init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    var isAtEnd: Bool { offset == bytes.count }

    /// Takes `text` if it comes next.
    mutating func take(_ text: String) -> Bool {
        let text = text.utf8.span
        guard bytes.count - offset >= text.count else { return false }
        for index in text.indices where bytes[offset + index] != text[index] { return false }
        offset += text.count
        return true
    }

    mutating func expect(_ text: String) throws(RecordFault) {
        guard take(text) else { throw .unexpected(offset: offset) }
    }

    /// Takes `,"name":` if it comes next.
    mutating func member(_ name: String) -> Bool {
        let start = offset
        if take(",\""), take(name), take("\":") { return true }
        offset = start
        return false
    }

    mutating func expectMember(_ name: String) throws(RecordFault) {
        guard member(name) else { throw .unexpected(offset: offset) }
    }

    /// No sign, no leading zero, at most 2^64 - 1.
    mutating func number() throws(RecordFault) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(bytes[offset] - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw .unexpected(offset: offset) }
            value = sum
            offset += 1
        }
        let count = offset - start
        guard count == 1 || count > 1 && bytes[start] != UInt8(ascii: "0") else {
            throw .unexpected(offset: start)
        }
        return value
    }

    mutating func signedNumber() throws(RecordFault) -> Int32 {
        let start = offset
        let isNegative = take("-")
        let magnitude = try number()
        guard magnitude <= 1 << 31, !(isNegative && magnitude == 0),
            let value = Int32(exactly: isNegative ? -Int64(magnitude) : Int64(magnitude))
        else { throw .unexpected(offset: start) }
        return value
    }

    /// A quoted string without escapes, of which `count` bytes are looked at.
    mutating func plain(_ count: Int) throws(RecordFault) -> ArraySlice<UInt8> {
        guard take("\""), bytes.count - offset > count, bytes[offset + count] == UInt8(ascii: "\"") else {
            throw .unexpected(offset: offset)
        }
        defer { offset += count + 1 }
        return bytes[offset..<offset + count]
    }

    mutating func string() throws(RecordFault) -> String {
        String(decoding: try stringBytes(), as: UTF8.self)
    }

    /// A quoted string without its escapes: well-formed UTF-8 without unescaped control characters.
    mutating func stringBytes() throws(RecordFault) -> [UInt8] {
        try expect("\"")
        var text: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return text
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw .unexpected(offset: offset)
            case 0x20..<0x80:
                text.append(byte)
                offset += 1
            default:
                let length = UTF8Character.length(at: offset, in: bytes.span, end: bytes.count)
                guard length > 0 else { throw .unexpected(offset: offset) }
                text.append(contentsOf: bytes[offset..<offset + length])
                offset += length
            }
        }
        throw .unexpected(offset: offset)
    }

    mutating func strings() throws(RecordFault) -> [String] {
        try expect("[")
        if take("]") { return [] }
        var list = [try string()]
        while take(",") { list.append(try string()) }
        try expect("]")
        return list
    }

    /// Takes any JSON value without white space.
    mutating func skipValue(depth: Int = 0) throws(RecordFault) {
        guard depth < Self.maximumDepth else { throw .unexpected(offset: offset) }
        if take("{") {
            if take("}") { return }
            repeat {
                _ = try stringBytes()
                try expect(":")
                try skipValue(depth: depth + 1)
            } while take(",")
            try expect("}")
        } else if take("[") {
            if take("]") { return }
            repeat { try skipValue(depth: depth + 1) } while take(",")
            try expect("]")
        } else if offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") {
            _ = try stringBytes()
        } else if !take("true"), !take("false"), !take("null") {
            _ = take("-")
            _ = try number()
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(RecordFault) {
        let start = offset
        offset += 1
        guard offset < bytes.count else { throw .unexpected(offset: start) }
        let kind = bytes[offset]
        offset += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "u"):
            var unit = try hexadecimalUnit()
            if (0xd800..<0xdc00).contains(unit) {
                try expect(#"\u"#)
                let low = try hexadecimalUnit()
                guard (0xdc00..<0xe000).contains(low) else { throw .unexpected(offset: start) }
                unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw .unexpected(offset: start) }
            text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        default: throw .unexpected(offset: start)
        }
    }

    private mutating func hexadecimalUnit() throws(RecordFault) -> UInt32 {
        guard bytes.count - offset >= 4 else { throw .unexpected(offset: offset) }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let digit = bytes[offset]
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                unit = unit << 4 | UInt32(digit - UInt8(ascii: "a") + 10)
            default: throw .unexpected(offset: offset)
            }
            offset += 1
        }
        return unit
    }
}
