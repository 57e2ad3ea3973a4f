/// Names and constants as SQL has them, whatever `standard_conforming_strings` is.
enum SQLText {
    static func identifier(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    static func constant(_ text: String) -> String {
        let quoted = text.replacing("'", with: "''")
        return quoted.contains("\\") ? "E'" + quoted.replacing("\\", with: "\\\\") + "'" : "'" + quoted + "'"
    }

    /// What may stand in a comment that ends with its line.
    static func comment(_ text: String) -> String {
        TerminalText.escaped(text)
    }
}
