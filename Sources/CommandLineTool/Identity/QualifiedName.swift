import ArgumentParser

/// A DatabaseConnection on the command line, as the operator knows it.
enum QualifiedName {
    /// - Throws: `ValidationError` for what is not `NAMESPACE/NAME`.
    static func checked(_ text: String) throws -> String {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("expected NAMESPACE/NAME")
        }
        return text
    }
}
