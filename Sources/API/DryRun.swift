/// How records mark what a policy or rule in `mode: DryRun` would have done.
package enum DryRun {
    private static let mark = "dry-run "

    package static func marking(_ name: String) -> String { mark + name }

    /// What is marked; `nil` for what was enforced.
    package static func name(in text: String) -> String? {
        text.hasPrefix(mark) ? String(text.dropFirst(mark.count)) : nil
    }
}
