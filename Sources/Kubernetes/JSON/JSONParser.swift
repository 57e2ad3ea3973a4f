/// Reads JSON from the first byte to the last; every step is given the whole text.
struct JSONParser {
    let limits: JSON.Limits
    var index = 0
    var depth = 0
    var valueCount = 0
    /// Of the objects and arrays that are being read, the innermost one's last: each is made when all of it is there,
    /// with the very room that it needs.
    private var fields: [JSON.Object.Field] = []
    private var items: [JSON] = []
    /// Some of the names read so far: most objects have theirs in common with others, so that each is made once.
    private var names = Array(repeating: KnownName(), count: nameCount)
    private static let nameCount = 64

    private struct KnownName {
        var name = ""
        /// Where it was read.
        var range = 0..<0
    }

    init(_ limits: JSON.Limits) {
        self.limits = limits
    }

    mutating func document(
        _ text: Span<UInt8>, keeping projection: JSON.Projection
    ) throws(JSONError) -> JSON {
        skipSpace(text)
        let value = try value(text, projection.share)
        skipSpace(text)
        guard index == text.count else { throw fault(.malformed) }
        return value
    }

    /// A value of which the projection keeps its part; `.null` stands for what is not kept at all.
    mutating func value(
        _ text: Span<UInt8>, _ share: JSON.Projection.Share
    ) throws(JSONError) -> JSON {
        valueCount += 1
        guard valueCount <= limits.values else { throw fault(.tooManyValues(limit: limits.values)) }
        switch peek(text) {
        case UInt8(ascii: "{"):
            let share = try isChosen(text, share) ? .whole : share
            try descend(text)
            defer { depth -= 1 }
            return try object(text, share)
        case UInt8(ascii: "["):
            try descend(text)
            defer { depth -= 1 }
            return try array(text, share)
        case UInt8(ascii: "\""):
            if case .nothing = share {
                index = try stringEnd(text).end
                return .null
            }
            return .string(try string(text))
        case UInt8(ascii: "t"): return try literal(text, "true", .bool(true))
        case UInt8(ascii: "f"): return try literal(text, "false", .bool(false))
        case UInt8(ascii: "n"): return try literal(text, "null", .null)
        default: return try number(text)
        }
    }

    mutating func descend(_ text: Span<UInt8>) throws(JSONError) {
        guard depth < limits.depth else { throw fault(.tooDeep(limit: limits.depth)) }
        depth += 1
        index += 1
        skipSpace(text)
    }

    private mutating func object(
        _ text: Span<UInt8>, _ share: JSON.Projection.Share
    ) throws(JSONError) -> JSON {
        if take(text, UInt8(ascii: "}")) { return .object(JSON.Object()) }
        let start = fields.count
        repeat {
            skipSpace(text)
            guard peek(text) == UInt8(ascii: "\"") else { throw fault(.malformed) }
            switch share {
            case .whole: try field(text, try name(text), .whole)
            case .part(let projection): try field(text, of: projection)
            case .nothing:
                index = try stringEnd(text).end
                try field(text, "", .nothing)
            }
            skipSpace(text)
        } while take(text, UInt8(ascii: ","))
        try expect(text, UInt8(ascii: "}"))
        do {
            return .object(try JSON.Object(parsed: Self.taken(from: start, of: &fields)))
        } catch {
            throw fault(.duplicateName(error.name))
        }
    }

    /// What follows a field's name.
    mutating func field(
        _ text: Span<UInt8>, _ name: String, _ share: JSON.Projection.Share
    ) throws(JSONError) {
        skipSpace(text)
        try expect(text, UInt8(ascii: ":"))
        skipSpace(text)
        let value = try value(text, share)
        if case .nothing = share { return }
        fields.append(JSON.Object.Field(name: name, value: value))
    }

    private mutating func array(
        _ text: Span<UInt8>, _ share: JSON.Projection.Share
    ) throws(JSONError) -> JSON {
        if take(text, UInt8(ascii: "]")) { return .array([]) }
        let start = items.count
        let part: JSON.Projection.Share =
            if case .part(let projection) = share { projection.items } else { share }
        repeat {
            skipSpace(text)
            let item = try value(text, part)
            if case .nothing = part {} else { items.append(item) }
            skipSpace(text)
        } while take(text, UInt8(ascii: ","))
        try expect(text, UInt8(ascii: "]"))
        return .array(Self.taken(from: start, of: &items))
    }

    /// The last elements, which come out of the array.
    @inline(__always)
    private static func taken<Element>(from start: Int, of array: inout [Element]) -> [Element] {
        var taken: [Element] = []
        taken.reserveCapacity(array.count - start)
        // One by one costs less than a slice does: most are few.
        for index in start..<array.count { taken.append(array[index]) }
        while array.count > start { array.removeLast() }
        return taken
    }

    private mutating func literal(
        _ text: Span<UInt8>, _ word: String, _ value: JSON
    ) throws(JSONError) -> JSON {
        for byte in word.utf8 { try expect(text, byte) }
        return value
    }

    private mutating func number(_ text: Span<UInt8>) throws(JSONError) -> JSON {
        let start = index
        _ = take(text, UInt8(ascii: "-"))
        if !take(text, UInt8(ascii: "0")) { try digits(text) }
        var isInteger = true
        if take(text, UInt8(ascii: ".")) {
            isInteger = false
            try digits(text)
        }
        if take(text, UInt8(ascii: "e")) || take(text, UInt8(ascii: "E")) {
            isInteger = false
            if !take(text, UInt8(ascii: "+")) { _ = take(text, UInt8(ascii: "-")) }
            try digits(text)
        }
        guard let number = Self.text(of: text.extracting(start..<index)) else { throw fault(.malformed) }
        if isInteger, let integer = Int64(number) { return .integer(integer) }
        return .number(number)
    }

    private mutating func digits(_ text: Span<UInt8>) throws(JSONError) {
        let start = index
        while let byte = peek(text), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw fault(.malformed) }
    }

    // MARK: - Strings

    mutating func name(_ text: Span<UInt8>) throws(JSONError) -> String {
        let start = index + 1
        let (end, isPlain) = try stringEnd(text)
        guard isPlain, end - 1 > start else { return try string(text) }
        let count = end - 1 - start
        let place = (count &* 31 &+ Int(text[start]) &* 7 &+ Int(text[end - 2])) % Self.nameCount
        index = end
        let known = names[place].range
        if known.count == count, text.hasSameBytes(known.lowerBound, start, count: count) {
            return names[place].name
        }
        guard let name = Self.text(of: text.extracting(start..<end - 1)) else {
            throw JSONError(.notUTF8, at: start)
        }
        names[place] = KnownName(name: name, range: start..<end - 1)
        return name
    }

    mutating func string(_ text: Span<UInt8>) throws(JSONError) -> String {
        let start = index + 1
        let (end, isPlain) = try stringEnd(text)
        index = end
        let content = text.extracting(start..<end - 1)
        if isPlain, let string = Self.text(of: content) { return string }
        if !isPlain, let string = String(validating: try Self.unescaped(content, at: start), as: UTF8.self) {
            return string
        }
        throw JSONError(.notUTF8, at: start)
    }

    private static func text(of bytes: Span<UInt8>) -> String? {
        guard let valid = try? UTF8Span(validating: bytes) else { return nil }
        return String(copying: valid)
    }

    /// Where the string that begins here is over, and whether there are no escapes in it. Its bytes may not yet be
    /// UTF-8, and its escapes may not yet be any.
    func stringEnd(_ text: Span<UInt8>) throws(JSONError) -> (end: Int, isPlain: Bool) {
        var end = index + 1
        var isPlain = true
        while end < text.count {
            let plain = text.plainBytes(at: end)
            end += plain
            guard plain < 8, end < text.count else { continue }
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

    // MARK: - Bytes

    func peek(_ text: Span<UInt8>) -> UInt8? { index < text.count ? text[index] : nil }

    mutating func take(_ text: Span<UInt8>, _ byte: UInt8) -> Bool {
        guard peek(text) == byte else { return false }
        index += 1
        return true
    }

    mutating func expect(_ text: Span<UInt8>, _ byte: UInt8) throws(JSONError) {
        guard take(text, byte) else { throw JSONError(.malformed, at: index) }
    }

    mutating func skipSpace(_ text: Span<UInt8>) {
        while let byte = peek(text), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            index += 1
        }
    }

    func fault(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason, at: index)
    }
}

extension Span<UInt8> {
    fileprivate func hasSameBytes(_ left: Int, _ right: Int, count: Int) -> Bool {
        let (left, right) = (extracting(left..<left + count), extracting(right..<right + count))
        for index in 0..<count where left[index] != right[index] { return false }
        return true
    }

    /// How many of the next eight bytes come before a quote, a backslash or a control character; none where there are
    /// fewer than eight.
    fileprivate func plainBytes(at index: Int) -> Int {
        guard count - index >= 8 else { return 0 }
        let bytes = extracting(index..<index + 8)
        var word: UInt64 = 0
        for place in 0..<8 { word |= UInt64(bytes[place]) << UInt64(place * 8) }
        // The lowest bit set in each is that of the first such byte; what is above it may be wrong.
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let found =
            ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
            | ((word &- ones &* 0x20) & ~word)
        return (found & (ones &* 0x80)).trailingZeroBitCount / 8
    }
}
