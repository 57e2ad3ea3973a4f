import CPgQuery

/// Statement texts without the values in them.
package enum LiteralRedaction {
    /// What stands for a text whose values cannot be told apart.
    package static let unreadable = Array("/* statement withheld */".utf8)

    /// The text with every literal replaced by a parameter (`$1`) and every comment by a space.
    ///
    /// A text that does not parse, or is beyond a limit, becomes ``unreadable``: nothing of it is kept.
    package static func redact(_ text: [UInt8]) -> [UInt8] {
        guard text.count <= StatementLimits.maximumTextLength, (try? StatementParser.parse(text)) != nil
        else {
            return unreadable
        }
        return replaceLiterals(in: text) ?? unreadable
    }

    /// The same of code in another language that has the lexical rules of SQL; `nil` where they are not kept.
    static func replaceLiterals(in text: [UInt8]) -> [UInt8]? {
        guard text.count <= StatementLimits.maximumTextLength, let tokens = scan(text) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var parameter = highestParameter(tokens, in: text)
        var position = 0
        for token in tokens {
            // Nothing but white space may stand between tokens: the scanner misplaces some (`U&'...'`).
            guard text[position..<token.range.lowerBound].allSatisfy(isSpace(_:)), !token.range.isEmpty else {
                return nil
            }
            result += text[position..<token.range.lowerBound]
            position = token.range.upperBound
            switch token.kind {
            case .literal:
                parameter += 1
                result += Array("$\(parameter)".utf8)
            case .comment: result.append(0x20)
            case .parameter, .other: result += text[token.range]
            }
        }
        return text[position...].allSatisfy(isSpace(_:)) ? result + text[position...] : nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private enum Kind {
        case literal, comment, parameter, other

        /// - Parameter token: of libpg_query's `enum Token`.
        init(token: UInt64) {
            switch token {
            case 260...264, 266: self = .literal  // FCONST, SCONST, USCONST, BCONST, XCONST, ICONST
            case 275, 276: self = .comment  // SQL_COMMENT, C_COMMENT
            case 267: self = .parameter
            default: self = .other
            }
        }
    }

    private struct Token {
        var kind: Kind
        /// In bytes of the text.
        var range: Range<Int>
    }

    private static let maximumParameter = Int(UInt16.max)

    private static func highestParameter(_ tokens: [Token], in text: [UInt8]) -> Int {
        var highest = 0
        for token in tokens {
            guard case .parameter = token.kind else { continue }
            let digits = String(decoding: text[token.range].dropFirst(), as: UTF8.self)
            // Of larger numbers the server has no parameters.
            highest = max(highest, min(Int(digits) ?? 0, maximumParameter))
        }
        return highest
    }

    private static func scan(_ text: [UInt8]) -> [Token]? {
        unsafe (text + [0]).withUnsafeBytes { bytes -> [Token]? in
            guard let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return nil }
            let result = unsafe pg_query_scan(start)
            defer { unsafe pg_query_free_scan_result(result) }
            guard unsafe result.error == nil, let data = unsafe result.pbuf.data else { return nil }
            return tokens(
                unsafe Array(UnsafeRawBufferPointer(start: data, count: result.pbuf.len)), within: text.count)
        }
    }

    /// Decodes libpg_query's `ScanResult`: field 2 is a token, of which 1 is its start, 2 its end and 4 its kind.
    private static func tokens(_ message: [UInt8], within length: Int) -> [Token]? {
        var result: [Token] = []
        var reader = ProtobufReader(message[...])
        while let (field, value) = reader.next() {
            guard field == 2, case .bytes(let bytes) = value else { continue }
            var start = 0
            var end = 0
            var kind: UInt64 = 0
            var inner = ProtobufReader(bytes)
            while let (field, value) = inner.next() {
                guard case .number(let number) = value, number < UInt64(UInt32.max) else { return nil }
                switch field {
                case 1: start = Int(number)
                case 2: end = Int(number)
                case 4: kind = number
                default: break
                }
            }
            guard !inner.isBroken, start <= end, end <= length, start >= result.last?.range.upperBound ?? 0
            else {
                return nil
            }
            result.append(Token(kind: Kind(token: kind), range: start..<end))
        }
        return reader.isBroken ? nil : result
    }
}
