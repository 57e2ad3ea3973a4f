/// Code that a statement holds as a constant: the body of a `DO` block, or of a routine that it creates.
package enum StatementCode {
    /// What stands for code whose constants cannot be told apart.
    package static let unreadable = Array("/* code withheld */".utf8)

    /// Languages with the lexical rules of SQL; the first is that of a `DO` block that names none.
    private static let languages = ["plpgsql", "sql"]

    /// The bodies in the order of the text, without the values and comments in them; none of a text that does not parse.
    /// Constants in them are read as those of the session are.
    package static func redactedBodies(of text: [UInt8], hasStandardStrings: Bool = true) -> [[UInt8]] {
        guard let tree = try? StatementParser.parse(text) else { return [] }
        return tree.statements.flatMap { bodies(in: $0.root, of: tree) }.map { body in
            guard let body else { return unreadable }
            let read = hasStandardStrings ? body : StatementReading.withEscapes(body)
            return LiteralRedaction.replaceLiterals(in: read) ?? unreadable
        }
    }

    /// `nil`: one in another language.
    private static func bodies(in node: SyntaxTree.Node, of tree: SyntaxTree) -> [[UInt8]?] {
        let options: SyntaxTree.Children
        switch tree.kind(node) {
        case .doStmt: options = tree.list(node, .args)
        case .createFunctionStmt: options = tree.list(node, .options)
        default: return tree.children(node).flatMap { bodies(in: $0, of: tree) }
        }
        func arguments(of name: String) -> [String] {
            options.filter { tree.string($0, .defname) == name }.compactMap { tree.child($0, .arg) }
                .flatMap { argument in
                    tree.kind(argument) == .string
                        ? [tree.text(argument) ?? ""] : tree.items(argument).compactMap(tree.text(_:))
                }
        }
        let isReadable = languages.contains(arguments(of: "language").first ?? languages[0])
        return arguments(of: "as").map { isReadable ? Array($0.utf8) : nil }
    }
}
