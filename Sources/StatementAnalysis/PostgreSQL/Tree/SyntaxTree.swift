/// PostgreSQL's raw parse tree of one query string, in one flat array.
///
/// An element is followed by its content; `end` is the position after it. Fields that the server leaves at their
/// zero (false, 0, no list) are absent.
struct SyntaxTree: Sendable {
    /// The position of an element.
    struct Node: Sendable, Hashable {
        fileprivate(set) var position: Int32
    }

    enum Shape: UInt8, Sendable {
        case object, list, text, number, yes, no
        /// `{}` in place of a node: a null pointer in a list.
        case nothing
    }

    struct Entry: Sendable {
        var shape: Shape
        var kind: SyntaxKind?
        var field: SyntaxField?
        /// The position after this element's content.
        var end: Int32 = 0
        /// The bytes of a text or number in `json`.
        var start: Int32 = 0
        var stop: Int32 = 0
        var isEscaped = false
    }

    /// The query string.
    let text: [UInt8]
    let json: [UInt8]
    let elements: [Entry]
    /// The statements, each with its bytes' range within the query string.
    let statements: [(root: Node, range: Range<Int>)]
    /// Nodes or fields that are not in ``SyntaxGrammar``: the ranges of elements they stand in are not whole.
    let unhandled: [Node]

    init(
        text: [UInt8], json: [UInt8], elements: [Entry], statements: [(root: Node, range: Range<Int>)],
        unhandled: [Int32]
    ) {
        self.text = text
        self.json = json
        self.elements = elements
        self.statements = statements
        self.unhandled = unhandled.map(Node.init(position:))
    }

    static func node(at position: Int32) -> Node { Node(position: position) }

    func kind(_ node: Node) -> SyntaxKind? { elements[Int(node.position)].kind }

    func shape(_ node: Node) -> Shape { elements[Int(node.position)].shape }

    /// Whether something within the node is not on the list of what is handled.
    func isWhole(_ node: Node) -> Bool {
        let end = elements[Int(node.position)].end
        return !unhandled.contains { $0.position >= node.position && $0.position < end }
    }

    /// The fields of an object, or the items of a list, in order.
    func children(_ node: Node) -> Children {
        Children(elements: elements, position: node.position + 1, end: elements[Int(node.position)].end)
    }

    struct Children: Sequence, IteratorProtocol {
        var isEmpty: Bool { position >= end }

        fileprivate let elements: [Entry]
        fileprivate var position: Int32
        fileprivate let end: Int32

        mutating func next() -> Node? {
            guard position < end else { return nil }
            defer { position = elements[Int(position)].end }
            return Node(position: position)
        }
    }

    func field(_ node: Node) -> SyntaxField? { elements[Int(node.position)].field }

    func child(_ node: Node, _ field: SyntaxField) -> Node? {
        var position = node.position + 1
        let end = elements[Int(node.position)].end
        while position < end {
            let element = elements[Int(position)]
            if element.field == field { return Node(position: position) }
            position = element.end
        }
        return nil
    }

    /// The items of a list field; nothing when it is absent. A `List` node in its place is opened.
    func list(_ node: Node, _ field: SyntaxField) -> Children {
        guard let child = child(node, field) else { return Children(elements: elements, position: 0, end: 0) }
        return items(child)
    }

    /// The items of a list, or of a `List` node.
    func items(_ node: Node) -> Children {
        if kind(node) == .list, let items = child(node, .items) { return children(items) }
        return shape(node) == .list ? children(node) : Children(elements: elements, position: 0, end: 0)
    }

    func flag(_ node: Node, _ field: SyntaxField) -> Bool {
        child(node, field).map { shape($0) == .yes } ?? false
    }

    func string(_ node: Node, _ field: SyntaxField) -> String? {
        child(node, field).flatMap(text(_:))
    }

    /// A number field; `nil` when it is absent, which also stands for 0 (and, in constants, for negative numbers).
    func integer(_ node: Node, _ field: SyntaxField) -> Int? {
        guard let child = child(node, field), shape(child) == .number else { return nil }
        let element = elements[Int(child.position)]
        var value = 0
        for byte in json[Int(element.start)..<Int(element.stop)] {
            guard byte >= 0x30, byte <= 0x39, value < Int.max / 16 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// An integer constant's digits as they stand in the query string, with a sign: the tree leaves out negative ones.
    func numeral(_ node: Node) -> String? {
        if let value = child(node, .ival), let integer = integer(value, .ival) { return String(integer) }
        var position = integer(node, .location) ?? 0
        var digits: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            if byte >= 0x30 && byte <= 0x39 || (byte == UInt8(ascii: "-") && digits.isEmpty) {
                digits.append(byte)
            } else if !digits.isEmpty, digits != [UInt8(ascii: "-")] {
                break
            } else if byte != 0x20 {
                return nil
            }
            position += 1
        }
        return digits.isEmpty || digits == [UInt8(ascii: "-")] ? nil : String(decoding: digits, as: UTF8.self)
    }

    /// The text of a text element, or of a `String` node.
    func text(_ node: Node) -> String? {
        if kind(node) == .string {
            return child(node, .sval).flatMap(text(_:)) ?? ""
        }
        let element = elements[Int(node.position)]
        guard element.shape == .text else { return nil }
        let bytes = json[Int(element.start)..<Int(element.stop)]
        return String(
            decoding: element.isEscaped ? SyntaxTreeReader.unescaped(bytes) : Array(bytes), as: UTF8.self)
    }

    /// The texts of a list of `String` nodes; other nodes among them are left out.
    func texts(_ node: Node, _ field: SyntaxField) -> [String] {
        list(node, field).compactMap { kind($0) == .string ? text($0) : nil }
    }
}
