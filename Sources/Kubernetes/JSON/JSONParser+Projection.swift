/// What a projection asks for: names are compared as they stand in the text, and most are not made.
extension JSONParser {
    /// Whether the object that begins here has one of the names that the projection chooses; reads no further than to
    /// its name, and leaves everything as it was.
    mutating func isChosen(
        _ text: Span<UInt8>, _ share: JSON.Projection.Share
    ) throws(JSONError) -> Bool {
        guard case .part(let projection) = share, !projection.chosen.isEmpty else { return false }
        let (start, count) = (index, valueCount)
        defer { (index, valueCount) = (start, count) }
        try descend(text)
        defer { depth -= 1 }
        guard peek(text) != UInt8(ascii: "}") else { return false }
        repeat {
            skipSpace(text)
            let isName = try isString(text, among: Self.nameField)
            skipSpace(text)
            try expect(text, UInt8(ascii: ":"))
            skipSpace(text)
            if isName {
                guard peek(text) == UInt8(ascii: "\"") else { return false }
                return try isString(text, among: projection.chosen)
            }
            _ = try value(text, .nothing)
            skipSpace(text)
        } while take(text, UInt8(ascii: ","))
        return false
    }

    private static let nameField = [JSON.Projection.Name("name")]

    /// Whether the string that begins here, which is passed, is one of these.
    private mutating func isString(
        _ text: Span<UInt8>, among names: [JSON.Projection.Name]
    ) throws(JSONError) -> Bool {
        guard peek(text) == UInt8(ascii: "\"") else { throw fault(.malformed) }
        let start = index
        let (end, isPlain) = try stringEnd(text)
        guard isPlain else {
            let string = try string(text)
            return names.contains { $0.isSame(as: string.utf8.span) }
        }
        index = end
        let content = text.extracting(start + 1..<end - 1)
        for place in names.indices where names[place].isSame(as: content) { return true }
        return false
    }

    /// A field, of which the projection keeps its part.
    mutating func field(_ text: Span<UInt8>, of projection: JSON.Projection) throws(JSONError) {
        let start = index
        let (end, isPlain) = try stringEnd(text)
        if isPlain, let known = projection.share(named: text.extracting(start + 1..<end - 1)) {
            index = end
            return try field(text, known.name, known.share)
        }
        if isPlain, case .nothing = projection.items {
            index = end
            return try field(text, "", .nothing)
        }
        let name = try name(text)
        let known = projection.share(named: name.utf8.span)
        try field(text, known?.name ?? name, known?.share ?? projection.items)
    }
}
