/// Reads JSON from the first byte to the last.
struct JSONParser {
    private let bytes: [UInt8]
    private let limits: JSON.Limits
    private var index = 0
    private var depth = 0
    private var valueCount = 0
    /// Of the objects and arrays that are being read, the innermost one's last: each is made when all of it is there,
    /// with the very room that it needs.
    private var fields: [JSON.Object.Field] = []
    private var items: [JSON] = []
    /// Some of the names read so far: most objects have theirs in common with others, so that each is made once.
    private var names = Array(repeating: "", count: nameCount)
    private static let nameCount = 64

    init(_ bytes: [UInt8], _ limits: JSON.Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document(keeping projection: JSON.Projection) throws(JSONError) -> JSON {
        skipSpace()
        let value = try value(projection.share)
        skipSpace()
        guard index == bytes.count else { throw fault(.malformed) }
        return value
    }

    /// A value of which the projection keeps its part; `.null` stands for what is not kept at all.
    private mutating func value(_ share: JSON.Projection.Share) throws(JSONError) -> JSON {
        valueCount += 1
        guard valueCount <= limits.values else { throw fault(.tooManyValues(limit: limits.values)) }
        switch peek {
        case UInt8(ascii: "{"):
            try descend()
            defer { depth -= 1 }
            return try object(share)
        case UInt8(ascii: "["):
            try descend()
            defer { depth -= 1 }
            return try array(share)
        case UInt8(ascii: "\""):
            if case .nothing = share {
                try skipString()
                return .null
            }
            return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func descend() throws(JSONError) {
        guard depth < limits.depth else { throw fault(.tooDeep(limit: limits.depth)) }
        depth += 1
        index += 1
        skipSpace()
    }

    private mutating func object(_ share: JSON.Projection.Share) throws(JSONError) -> JSON {
        if take(UInt8(ascii: "}")) { return .object(JSON.Object()) }
        let start = fields.count
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw fault(.malformed) }
            switch share {
            case .whole: try field(try name(), .whole)
            case .part(let projection):
                let (name, share) = projection.share(named: try name())
                try field(name, share)
            case .nothing:
                try skipString()
                try field("", .nothing)
            }
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        defer { fields.removeSubrange(start...) }
        do {
            return .object(try JSON.Object(parsed: fields[start...]))
        } catch {
            throw fault(.duplicateName(error.name))
        }
    }

    /// What follows a field's name.
    private mutating func field(_ name: String, _ share: JSON.Projection.Share) throws(JSONError) {
        skipSpace()
        try expect(UInt8(ascii: ":"))
        skipSpace()
        let value = try value(share)
        if case .nothing = share { return }
        fields.append(JSON.Object.Field(name: name, value: value))
    }

    private mutating func array(_ share: JSON.Projection.Share) throws(JSONError) -> JSON {
        if take(UInt8(ascii: "]")) { return .array([]) }
        let start = items.count
        let part: JSON.Projection.Share =
            if case .part(let projection) = share { projection.items } else { share }
        repeat {
            skipSpace()
            let item = try value(part)
            if case .nothing = part {} else { items.append(item) }
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        defer { items.removeSubrange(start...) }
        return .array(Array(items[start...]))
    }

    private mutating func literal(_ text: String, _ value: JSON) throws(JSONError) -> JSON {
        for byte in text.utf8 { try expect(byte) }
        return value
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        return .number(text)
    }

    private mutating func digits() throws(JSONError) {
        let start = index
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw fault(.malformed) }
    }

    // MARK: - Strings

    private mutating func name() throws(JSONError) -> String {
        let start = index + 1
        let (end, isPlain) = try stringEnd()
        guard isPlain, end - 1 > start else { return try string() }
        let bytes = bytes
        let text = bytes.span.extracting(start..<end - 1)
        let place = (text.count &* 31 &+ Int(text[0]) &* 7 &+ Int(text[text.count - 1])) % Self.nameCount
        index = end
        if names[place].hasBytes(text) { return names[place] }
        guard let name = Self.text(of: bytes, in: start..<end - 1) else {
            throw JSONError(.notUTF8, at: start)
        }
        names[place] = name
        return name
    }

    private mutating func string() throws(JSONError) -> String {
        let start = index + 1
        let isPlain = try skipString()
        let text =
            isPlain
            ? Self.text(of: bytes, in: start..<index - 1)
            : Self.text(of: try unescaped(bytes[start..<index - 1]))
        guard let text else { throw JSONError(.notUTF8, at: start) }
        return text
    }

    private static func text(of bytes: [UInt8], in range: Range<Int>? = nil) -> String? {
        let span = bytes.span.extracting(range ?? bytes.indices)
        guard let valid = try? UTF8Span(validating: span) else { return nil }
        return String(copying: valid)
    }

    /// Passes a string, whose bytes may not yet be UTF-8 and whose escapes may not yet be any.
    /// - Returns: whether there are no escapes in it.
    @discardableResult
    private mutating func skipString() throws(JSONError) -> Bool {
        let (end, isPlain) = try stringEnd()
        index = end
        return isPlain
    }

    /// Where the string that begins here is over, and whether there are no escapes in it.
    private func stringEnd() throws(JSONError) -> (end: Int, isPlain: Bool) {
        let text = bytes.span
        var end = index + 1
        var isPlain = true
        while end < text.count {
            let byte = text[end]
            if byte == UInt8(ascii: "\"") { return (end + 1, isPlain) }
            guard byte >= 0x20 else { throw JSONError(.malformed, at: end) }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                end += 1
            }
            end += 1
        }
        throw JSONError(.malformed, at: text.count)
    }

    private func unescaped(_ content: ArraySlice<UInt8>) throws(JSONError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(content.count)
        var index = content.startIndex
        while index < content.endIndex {
            let byte = content[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                continue
            }
            // A string does not end within an escape: `skipString` took two bytes for each.
            let escape = content[index]
            index += 1
            if escape == UInt8(ascii: "u") {
                output += String(try unicodeScalar(content, &index)).utf8
            } else if let character = Self.character(of: escape) {
                output.append(character)
            } else {
                throw JSONError(.malformed, at: index - 1)
            }
        }
        return output
    }

    private static func character(of escape: UInt8) -> UInt8? {
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): escape
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    private func unicodeScalar(
        _ content: ArraySlice<UInt8>, _ index: inout Int
    ) throws(JSONError) -> Unicode.Scalar {
        let start = index
        let unit = try codeUnit(content, &index)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), content[index...].starts(with: Array("\\u".utf8)) else {
            throw JSONError(.malformed, at: start)
        }
        index += 2
        let trail = try codeUnit(content, &index)
        guard UTF16.isTrailSurrogate(trail) else { throw JSONError(.malformed, at: start) }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    /// Four hexadecimal digits.
    private func codeUnit(_ content: ArraySlice<UInt8>, _ index: inout Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard index < content.endIndex,
                let digit = Character(Unicode.Scalar(content[index])).hexDigitValue,
                content[index] < 0x80
            else { throw JSONError(.malformed, at: index) }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }

    // MARK: - Bytes

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard take(byte) else { throw fault(.malformed) }
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private func fault(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason, at: min(index, bytes.count))
    }
}
