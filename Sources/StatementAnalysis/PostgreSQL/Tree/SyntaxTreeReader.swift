/// Reads libpg_query's JSON into a ``SyntaxTree`` without recursion.
///
/// An object that stands for any node names its kind (`{"ColumnRef": {...}}`); where the field allows only one
/// kind it does not.
struct SyntaxTreeReader {
    /// Elements in one tree. Ours; a text of the longest length makes at most 4 million.
    static let maximumElementCount = 8 << 20

    private struct Frame {
        var position: Int32
        var kind: SyntaxGrammar.Kind?
        var isList: Bool
        /// Closing this object also closes the one that only named its kind.
        var isNamed: Bool
    }

    private let json: [UInt8]
    private let grammar = SyntaxGrammar.shared
    private var cursor = 0
    private var elements: [SyntaxTree.Entry] = []
    private var unhandled: [Int32] = []

    init(_ json: [UInt8]) {
        self.json = json
        elements.reserveCapacity(json.count / 16)
    }

    /// The tree of a query string; its last statement reaches to its end.
    ///
    /// - Throws: ``AnalysisError/unreadableTree`` when the JSON is not of libpg_query's shape.
    mutating func read(_ text: [UInt8]) throws(AnalysisError) -> SyntaxTree {
        var statements: [(root: SyntaxTree.Node, range: Range<Int>)] = []
        try expect("{\"version\":")
        while cursor < json.count, json[cursor] != UInt8(ascii: ",") { cursor += 1 }
        try expect(",\"stmts\":[")
        while try !skip("]") {
            try expect("{\"stmt\":")
            let root = Int32(elements.count)
            try readNode()
            var location = 0
            var length = 0
            if try skip(",\"stmt_location\":") { location = try number() }
            if try skip(",\"stmt_len\":") { length = try number() }
            try expect("}")
            _ = try skip(",")
            let end = length == 0 ? text.count : location + length
            guard location <= end, end <= text.count else { throw .unreadableTree }
            statements.append((SyntaxTree.node(at: root), location..<end))
        }
        try expect("}")
        guard cursor == json.count else { throw .unreadableTree }
        return SyntaxTree(
            text: text, json: json, elements: elements, statements: statements, unhandled: unhandled)
    }

    private mutating func readNode() throws(AnalysisError) {
        var frames: [Frame] = []
        try open(nil, holds: nil, &frames)
        while let frame = frames.last {
            guard cursor < json.count else { throw .unreadableTree }
            if json[cursor] == (frame.isList ? UInt8(ascii: "]") : UInt8(ascii: "}")) {
                cursor += 1
                if frame.isNamed { try expect("}") }
                elements[Int(frame.position)].end = Int32(elements.count)
                frames.removeLast()
                continue
            }
            if json[cursor] == UInt8(ascii: ",") { cursor += 1 }
            if frame.isList {
                try open(nil, holds: nil, &frames)
            } else {
                let name = try quoted()
                try expect(":")
                guard let kind = frame.kind,
                    let (field, holds) = grammar.field(named: json[name.range], of: kind)
                else {
                    unhandled.append(Int32(elements.count))
                    try open(nil, holds: nil, &frames)
                    continue
                }
                try open(field, holds: holds, &frames)
            }
        }
    }

    /// Reads a scalar whole, or enters an object or list.
    private mutating func open(
        _ field: SyntaxField?, holds: SyntaxGrammar.Kind?, _ frames: inout [Frame]
    ) throws(AnalysisError) {
        guard cursor < json.count, elements.count < Self.maximumElementCount else { throw .unreadableTree }
        guard frames.count < StatementLimits.maximumTreeDepth else { throw .tooDeep }
        var element = SyntaxTree.Entry(shape: .object, kind: nil, field: field)
        let position = Int32(elements.count)
        switch json[cursor] {
        case UInt8(ascii: "{"):
            cursor += 1
            var kind = holds
            var isNamed = false
            if holds == nil {
                if cursor < json.count, json[cursor] == UInt8(ascii: "}") {
                    cursor += 1
                    element.shape = .nothing
                    append(&element)
                    return
                }
                let name = try quoted()
                try expect(":{")
                isNamed = true
                kind = grammar.kind(named: json[name.range])
                if kind == nil { unhandled.append(position) }
            }
            element.kind = kind?.value
            elements.append(element)
            frames.append(Frame(position: position, kind: kind, isList: false, isNamed: isNamed))
            return
        case UInt8(ascii: "["):
            cursor += 1
            element.shape = .list
            elements.append(element)
            frames.append(Frame(position: position, kind: nil, isList: true, isNamed: false))
            return
        case UInt8(ascii: "\""):
            let text = try quoted()
            element.shape = .text
            element.start = Int32(text.range.lowerBound)
            element.stop = Int32(text.range.upperBound)
            element.isEscaped = text.isEscaped
        case UInt8(ascii: "t"):
            try expect("true")
            element.shape = .yes
        case UInt8(ascii: "f"):
            try expect("false")
            element.shape = .no
        case UInt8(ascii: "n"):
            try expect("null")
            element.shape = .nothing
        default:
            element.shape = .number
            element.start = Int32(cursor)
            let first = cursor
            while cursor < json.count, Self.isNumeric(json[cursor]) { cursor += 1 }
            guard cursor > first else { throw .unreadableTree }
            element.stop = Int32(cursor)
        }
        append(&element)
    }

    private mutating func append(_ element: inout SyntaxTree.Entry) {
        element.end = Int32(elements.count + 1)
        elements.append(element)
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func quoted() throws(AnalysisError) -> (range: Range<Int>, isEscaped: Bool) {
        guard cursor < json.count, json[cursor] == UInt8(ascii: "\"") else { throw .unreadableTree }
        let start = cursor + 1
        var position = start
        var isEscaped = false
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "\""):
                cursor = position + 1
                return (start..<position, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                position += 2
            default:
                position += 1
            }
        }
        throw .unreadableTree
    }

    private mutating func number() throws(AnalysisError) -> Int {
        var value = 0
        let start = cursor
        while cursor < json.count, case let digit = Int(json[cursor]) - 0x30, (0...9).contains(digit),
            value < 1 << 40
        {
            value = value * 10 + digit
            cursor += 1
        }
        guard cursor > start else { throw .unreadableTree }
        return value
    }

    private mutating func skip(_ text: String) throws(AnalysisError) -> Bool {
        var position = cursor
        for scalar in text.utf8 {
            guard position < json.count, json[position] == scalar else { return false }
            position += 1
        }
        cursor = position
        return true
    }

    private mutating func expect(_ text: String) throws(AnalysisError) {
        guard try skip(text) else { throw .unreadableTree }
    }

    /// Resolves JSON's escapes; surrogates that pair up become one scalar.
    static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        var high: UInt32?
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < bytes.endIndex else {
                result.append(byte)
                index += 1
                continue
            }
            index += 2
            switch bytes[index - 1] {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "u"):
                var unit: UInt32 = 0
                for _ in 0..<4 where index < bytes.endIndex {
                    unit = unit << 4 | UInt32(hexadecimal(bytes[index]))
                    index += 1
                }
                if let first = high, (0xDC00...0xDFFF).contains(unit) {
                    unit = 0x10000 + (first - 0xD800) << 10 + (unit - 0xDC00)
                }
                high = (0xD800...0xDBFF).contains(unit) ? unit : nil
                if high == nil, let scalar = Unicode.Scalar(unit) {
                    result.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
                }
            case let other: result.append(other)
            }
        }
        return result
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: 0
        }
    }
}
