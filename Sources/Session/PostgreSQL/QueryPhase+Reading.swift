import Masking
import StatementAnalysis
import WireProtocols

/// A statement's bytes, and the settings they came under.
struct SentText: Hashable {
    var bytes: [UInt8]
    var settings: SessionSettings
}

/// Statements as the server reads them: in other encodings than UTF-8, and with backslashes in plain constants (G5).
extension QueryPhase {
    enum ReadText {
        case asItIs
        case text([UInt8])
        /// The database is being asked; the message comes again.
        case waits
        case refused(Diagnosis)
    }

    /// Most bytes of converted statements kept.
    private static let conversionLimit = 1 << 20

    /// Reads a statement that has come just now.
    func read(_ text: Span<UInt8>) -> ReadText {
        if areSettingsUncertain, Self.dependsOnSettings(text) {
            if let failure = lookup.failure { return .refused(failure) }
            guard transactionStatus != .failed else { return .refused(.transactionAborted) }
            ask([.context])
            return .waits
        }
        return read(text, sentUnder: settings)
    }

    func read(_ text: Span<UInt8>, sentUnder settings: SessionSettings) -> ReadText {
        switch settings.reading(of: text) {
        case .asItIs: return .asItIs
        case .text(let text): return .text(text)
        case .unreadable(let diagnosis): return .refused(diagnosis)
        case .converted(let steps):
            // The server is not to be asked about a token.
            guard !OnBehalfOf.isNamed(in: text) else { return .refused(.onBehalfOfUnclear) }
            let sent = SentText(bytes: text.copy(0..<text.count), settings: settings)
            if let converted = conversions[sent] {
                switch settings.reading(ofConverted: converted) {
                case .text(let text): return .text(text)
                case .asItIs: return .text(converted)
                case .unreadable(let diagnosis): return .refused(diagnosis)
                case .converted: return .refused(.unknownEncoding)
                }
            }
            guard sent.bytes.count <= StatementLimits.maximumTextLength else {
                return .refused(Diagnosis(.tooLong(limit: StatementLimits.maximumTextLength)))
            }
            if let failure = lookup.failure { return .refused(failure) }
            guard transactionStatus != .failed else { return .refused(.transactionAborted) }
            ask([.conversion(sent, by: steps)])
            return .waits
        }
    }

    func keep(conversion: [UInt8], of sent: SentText) {
        let size = conversions.values.reduce(conversion.count) { $0 + $1.count }
        if size > Self.conversionLimit { conversions.removeAll() }
        conversions[sent] = conversion
    }

    /// Something may have changed them whose report is still to come: with `ReadyForQuery` at the latest.
    var areSettingsUncertain: Bool { lookup.contextIsDirty && (isUnsynced || !expected.isEmpty) }

    static func dependsOnSettings(_ text: Span<UInt8>) -> Bool {
        text.indices.contains { text[$0] >= 0x80 || text[$0] == UInt8(ascii: "\\") }
    }

    // MARK: - Names in messages

    /// The name as the server keeps it (`NAMEDATALEN`): what follows its 63rd byte is not looked at.
    static func key(_ name: [UInt8]) -> [UInt8] {
        name.count <= maximumNameLength ? name : Array(name.prefix(maximumNameLength))
    }

    private static let maximumNameLength = 63

    /// Whether the same name in a statement would be other bytes, so that the two could be mistaken for one another.
    func isAmbiguous(_ name: [UInt8]) -> Bool {
        !settings.namesAreUTF8 && !TextEncoding.isASCII(name.span)
    }
}
