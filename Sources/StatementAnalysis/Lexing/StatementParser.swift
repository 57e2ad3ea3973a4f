import CPgQuery

/// PostgreSQL's own grammar, as libpg_query packages it.
enum StatementParser {
    /// - Throws: ``AnalysisError`` for a text that PostgreSQL's grammar refuses or that is beyond a limit.
    ///
    /// The tree of a text longer than ``StatementLimits/maximumTextLength`` is that of what is left of it when its long
    /// constants are cut, provided that their values decide nothing.
    static func parse(_ text: [UInt8]) throws(AnalysisError) -> SyntaxTree {
        guard !text.contains(0) else { throw .containsNUL }
        guard String(validating: text, as: UTF8.self) != nil else { throw .notUTF8 }
        guard text.count > StatementLimits.maximumTextLength else { return try parse(whole: text) }
        let tooLong = AnalysisError.tooLong(limit: StatementLimits.maximumTextLength)
        let cut = CutText(text)
        guard cut.text.count <= StatementLimits.maximumTextLength else { throw tooLong }
        do throws(AnalysisError) {
            let tree = try parse(whole: cut.text)
            guard tree.holds(CutText.placeholder, times: cut.placeholderCount) else { throw tooLong }
            return tree
        } catch {
            guard case .syntax(let message, let position) = error else { throw error }
            throw .syntax(message: message, position: cut.originalPosition(position))
        }
    }

    private static func parse(whole text: [UInt8]) throws(AnalysisError) -> SyntaxTree {
        guard !hasLongOperatorRun(text) else { throw .tooComplex }
        let json = try json(of: text + [0])
        var reader = SyntaxTreeReader(json)
        return try reader.read(text)
    }

    /// PostgreSQL's scanner reads a run of operator characters to its end at each `/*` in it, and starts over.
    private static func hasLongOperatorRun(_ text: [UInt8]) -> Bool {
        var length = 0
        for byte in text {
            length = operatorCharacters[Int(byte)] ? length + 1 : 0
            if length > StatementLimits.maximumOperatorRun { return true }
        }
        return false
    }

    /// By byte (`scan.l`, `op_chars`).
    private static let operatorCharacters: [Bool] = {
        let characters = Set("~!@#^&|`?+-*/%<>=".utf8)
        return (0...255).map { characters.contains(UInt8($0)) }
    }()

    private static func json(of terminated: [UInt8]) throws(AnalysisError) -> [UInt8] {
        var parsed = unsafe PgQueryParseResult()
        var isParsed = true
        let isLong = terminated.count > StatementLimits.maximumTextLengthOnCallersStack
        unsafe terminated.withUnsafeBytes { bytes in
            guard let text = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return }
            if isLong {
                isParsed = unsafe weir_parse_with_stack(text, StatementLimits.parserStackSize, &parsed)
            } else {
                unsafe parsed = pg_query_parse(text)
            }
        }
        guard isParsed else { throw .noParserThread }
        defer { unsafe pg_query_free_parse_result(parsed) }
        if let error = unsafe parsed.error {
            let message = unsafe error.pointee.message.map { unsafe String(cString: $0) } ?? "syntax error"
            throw .syntax(message: message, position: Int(unsafe error.pointee.cursorpos))
        }
        guard let tree = unsafe parsed.parse_tree else { throw .unreadableTree }
        var length = 0
        while unsafe tree[length] != 0 { length += 1 }
        return unsafe Array(UnsafeRawBufferPointer(start: tree, count: length))
    }
}
