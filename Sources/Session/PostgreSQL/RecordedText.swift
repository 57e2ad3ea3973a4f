import API
import Cryptography
import Masking
import WireProtocols

/// A statement's text as the audit log takes it: UTF-8, at most ``StatementIntent/maximumTextLength`` bytes.
struct RecordedText {
    private(set) var bytes: [UInt8] = []
    /// The encoding of a text that is told byte by byte; empty for one told as UTF-8.
    private(set) var encoding = ""
    private(set) var isCut = false

    /// A text that is not UTF-8, nor in an encoding the gateway has a table for, has `\\` for each backslash and `\xNN` for each byte outside ASCII: nothing of it is
    /// lost.
    init(_ text: Span<UInt8>, in encoding: TextEncoding) {
        let limit = StatementIntent.maximumTextLength
        if let told = encoding.utf8(of: text) {
            bytes = told.count > limit ? Array(told.prefix(limit)) : told
            isCut = told.count > limit
            return
        }
        self.encoding = encoding.name
        let backslash = UInt8(ascii: "\\")
        for index in text.indices {
            guard bytes.count + 4 <= limit else {
                isCut = true
                return
            }
            switch text[index] {
            case backslash: bytes += [backslash, backslash]
            case let byte where byte >= 0x80: bytes += Array("\\x".utf8) + Hexadecimal.encode([byte]).utf8
            case let byte: bytes.append(byte)
            }
        }
    }
}
