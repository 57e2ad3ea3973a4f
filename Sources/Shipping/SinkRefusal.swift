import Networking

/// Why the sink does not take a batch, in its own words: `{"error":"Word","detail":"…"}`, as
/// `Documentation/audit-sink-api.md` has it, or `{"error":{"message":"…"}}`.
package struct SinkRefusal: Sendable, Equatable {
    package let status: Int
    /// One word; empty where the answer has none.
    package let word: String
    /// The sentence beside it, or else the beginning of whatever was answered.
    package let detail: String

    /// Of an answer that is looked at, in bytes.
    private static let maximumBodyLength = 4 << 10
    /// Of what is kept of each text, in bytes; all of them are printable ASCII.
    private static let maximumTextLength = 300

    init(_ response: HTTPResponse) {
        let body = response.body.prefix(Self.maximumBodyLength)
        status = response.status
        word = Self.text(of: "error", in: body) ?? ""
        detail =
            Self.text(of: "detail", in: body) ?? Self.text(of: "message", in: body)
            ?? Self.text(body.prefix(Self.maximumTextLength).map(Self.printable))
    }

    /// The value of the first member of that name; `nil` unless it is a string.
    private static func text(of member: String, in body: ArraySlice<UInt8>) -> String? {
        guard let name = body.firstRange(of: Array("\"\(member)\"".utf8)) else { return nil }
        var rest = body[name.upperBound...].drop { $0 <= UInt8(ascii: " ") }
        guard rest.popFirst() == UInt8(ascii: ":") else { return nil }
        rest = rest.drop { $0 <= UInt8(ascii: " ") }
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        var text: [UInt8] = []
        while text.count < maximumTextLength, let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            text.append(byte == UInt8(ascii: "\\") ? escaped(&rest) : printable(byte))
        }
        return Self.text(text)
    }

    /// What stands after a backslash (RFC 8259, section 7); white space and characters by number are not told apart.
    private static func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
        let byte = rest.popFirst() ?? UInt8(ascii: " ")
        switch byte {
        case UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return UInt8(ascii: " ")
        case UInt8(ascii: "u"):
            rest = rest.dropFirst(4)
            return UInt8(ascii: "?")
        default: return printable(byte)
        }
    }

    private static func printable(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x20...0x7e: byte
        case 0x09, 0x0a, 0x0d: UInt8(ascii: " ")
        default: UInt8(ascii: "?")
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
