import Masking
import StatementAnalysis
import WireProtocols

/// The settings that decide how the server reads a statement's bytes, as it has last reported them (G5).
///
/// It reports them with the answers, at the latest before `ReadyForQuery`; within a pipeline they may be older.
struct SessionSettings: Hashable {
    /// In which statements are sent and texts come back.
    private(set) var clientEncoding = TextEncoding.utf8
    /// In which the database keeps texts.
    private(set) var serverEncoding = TextEncoding.utf8
    /// `standard_conforming_strings`: off makes a backslash in a plain constant an escape.
    private(set) var hasStandardStrings = true
    /// A name outside ASCII is the same bytes in a message and, as UTF-8, in a statement.
    private(set) var namesAreUTF8 = true
    /// Everything is as the parser takes it to be.
    private(set) var isPlain = true
    /// Of a text as it comes back; without conversion on the server, its bytes are the value.
    private(set) var valueEncoding = TextEncoding.utf8

    /// Takes a `ParameterStatus`.
    mutating func take(_ name: String, _ value: String) {
        switch name {
        case "client_encoding": clientEncoding = TextEncoding(named: value)
        case "server_encoding": serverEncoding = TextEncoding(named: value)
        case "standard_conforming_strings": hasStandardStrings = value == "on"
        default: return
        }
        namesAreUTF8 = clientEncoding.kind == .utf8 && serverEncoding.kind == .utf8
        isPlain = namesAreUTF8 && hasStandardStrings
        valueEncoding = valueEncoding(of: clientEncoding)
    }

    func valueEncoding(of encoding: TextEncoding) -> TextEncoding {
        if serverEncoding.kind == .bytes { return .utf8 }
        return encoding.kind == .bytes ? serverEncoding : encoding
    }

    // MARK: - Reading a statement

    /// What the server makes of a text's bytes.
    enum Reading: Equatable {
        case asItIs
        case text([UInt8])
        /// Only the server can convert it: by these encodings, one after the other.
        case converted(by: [TextEncoding])
        case unreadable(Diagnosis)
    }

    func reading(of text: Span<UInt8>) -> Reading {
        if isPlain { return .asItIs }
        if TextEncoding.isASCII(text) { return lexed(text, convertedTo: nil) }
        switch encodingOfStatements.kind {
        case .utf8: return lexed(text, convertedTo: nil)
        case .singleByte:
            guard let converted = encodingOfStatements.utf8(of: text) else {
                return .unreadable(.invalidBytes(in: encodingOfStatements))
            }
            return lexed(converted.span, convertedTo: converted)
        case .multiByte, .embedsASCII:
            let steps = [encodingOfStatements, serverEncoding, .utf8]
            return .converted(
                by: steps.indices.filter { $0 == 0 || steps[$0] != steps[$0 - 1] }.map { steps[$0] })
        case .bytes, .unknown: return .unreadable(.unknownEncoding)
        }
    }

    /// The text as the server reads it; `nil` where the server alone can tell.
    func read(_ text: Span<UInt8>) -> [UInt8]? {
        switch reading(of: text) {
        case .asItIs: text.copy(0..<text.count)
        case .text(let read): read
        case .converted, .unreadable: nil
        }
    }

    /// The same once it is UTF-8.
    func reading(ofConverted text: [UInt8]) -> Reading { lexed(text.span, convertedTo: text) }

    /// Without conversion on the server, only bytes that are UTF-8 can be read.
    private var encodingOfStatements: TextEncoding { valueEncoding }

    private func lexed(_ text: Span<UInt8>, convertedTo converted: [UInt8]?) -> Reading {
        guard text.count <= StatementLimits.maximumTextLength else {
            return .unreadable(Diagnosis(.tooLong(limit: StatementLimits.maximumTextLength)))
        }
        let backslash = UInt8(ascii: "\\")
        let hasBackslash = text.indices.contains { text[$0] == backslash }
        let isUniform = serverEncoding.kind == .utf8 || TextEncoding.isASCII(text) && !hasBackslash
        guard !isUniform || hasBackslash && !hasStandardStrings else {
            return converted.map { .text($0) } ?? .asItIs
        }
        let bytes = text.copy(0..<text.count)
        if !isUniform,
            StatementReading.dependsOnEncoding(
                bytes, hasStandardStrings: hasStandardStrings, folding: folding)
        {
            return .unreadable(.dependsOnEncoding)
        }
        return .text(hasStandardStrings ? bytes : StatementReading.withEscapes(bytes))
    }

    private var folding: StatementReading.Folding {
        switch serverEncoding.kind {
        case .utf8, .multiByte: .none
        case .singleByte: .capitals
        case .bytes, .embedsASCII, .unknown: .bytes
        }
    }
}
