import Masking

/// The settings that decide how the server reads a statement's bytes, as it has last reported them (G5).
///
/// It reports them with the answers, at the latest before `ReadyForQuery`; within a pipeline they may be older.
struct SessionSettings: Equatable {
    /// In which statements are sent and texts come back.
    var clientEncoding = TextEncoding.utf8
    /// In which the database keeps texts.
    var serverEncoding = TextEncoding.utf8
    /// `standard_conforming_strings`: off makes a backslash in a plain constant an escape.
    var hasStandardStrings = true

    /// Takes a `ParameterStatus`.
    mutating func take(_ name: String, _ value: String) {
        switch name {
        case "client_encoding": clientEncoding = TextEncoding(named: value)
        case "server_encoding": serverEncoding = TextEncoding(named: value)
        case "standard_conforming_strings": hasStandardStrings = value == "on"
        default: break
        }
    }

    /// Why the text cannot be read as the server reads it.
    func obstacle(to text: Span<UInt8>) -> Diagnosis? {
        if clientEncoding.kind != .utf8 { return .needsUTF8 }
        let backslash = UInt8(ascii: "\\")
        if !hasStandardStrings, text.indices.contains(where: { text[$0] == backslash }) {
            return .needsStandardStrings
        }
        return nil
    }
}
