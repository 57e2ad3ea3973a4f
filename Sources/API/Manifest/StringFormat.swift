/// What a string of a manifest must look like.
package enum StringFormat: Sendable, Hashable {
    /// Without control characters, as every format but ``statementText``.
    case any
    case nonEmpty
    /// Of a length within the range, in Unicode scalars.
    case text(ClosedRange<Int>)
    /// RFC 1123 subdomain, as Kubernetes requires of object names: at most 253 bytes.
    case objectName
    /// RFC 1123 label, as Kubernetes requires of namespaces: at most 63 bytes.
    case label
    /// `key` of a Secret or ConfigMap: letters, digits, `-`, `_`, `.`; at most 253 bytes.
    case dataKey
    /// The name of an environment variable.
    case environmentVariable
    /// From the root, without `..`, short enough for `sockaddr_un` (107 bytes).
    case socketPath
    /// Octal digits, such as `0770`.
    case fileMode
    /// `schema.name`.
    case qualifiedName
    /// A host name or address, without a port.
    case host
    /// A ``host``, or nothing.
    case hostOrEmpty
    /// A ``host``, or the absolute path of a folder with a socket in it.
    case serverHost
    /// An address on the web: `https://`, or `http://` on this machine.
    case webAddress
    /// A Kubernetes quantity that is not negative: `50m`, `64Mi`.
    case quantity
    /// A SHA-256, in lower-case hexadecimal.
    case digest
    /// As ``TimeWindow`` reads it.
    case timeWindow
    /// RFC 3339 in UTC, with `Z`.
    case dateTime
    /// Any characters, lines among them; at most ``maximumStatementLength`` Unicode scalars.
    case statementText

    /// Longest string in any other field than one of ``statementText`` or ``timeWindow``, in Unicode scalars as the schemas of custom
    /// resources count.
    package static let maximumLength = 4096
    package static let maximumStatementLength = 64 << 10
    /// Longest ``timeWindow``: the schemas' rules go over each several times, and API servers bound what that may cost.
    package static let maximumWindowLength = 128

    /// Why the text is not of this format; `nil` when it is.
    package func fault(in text: String) -> String? {
        let limit =
            switch self {
            case .statementText: Self.maximumStatementLength
            case .timeWindow: Self.maximumWindowLength
            default: Self.maximumLength
            }
        let length = text.unicodeScalars.count
        guard length <= limit else { return "is longer than \(limit) characters" }
        guard self == .statementText || !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            return "holds a control character"
        }
        return switch self {
        case .any, .statementText: nil
        case .nonEmpty: text.isEmpty ? "may not be empty" : nil
        case .text(let range): range.contains(length) ? nil : "is not \(Self.count(range))"
        case .objectName:
            Self.isSubdomain(text) ? nil : "is no object name (lower-case letters, digits, '-' and '.')"
        case .label:
            Self.isLabel(Substring(text)) ? nil : "is no label (lower-case letters, digits and '-')"
        case .dataKey:
            Self.isDataKey(text) ? nil : "is no key of a Secret (letters, digits, '-', '_' and '.')"
        case .environmentVariable:
            Self.isVariable(text) ? nil : "is no environment variable (letters, digits and '_')"
        case .socketPath:
            Self.isSocketPath(text) ? nil : "is no absolute path without '..' of at most 107 bytes"
        case .qualifiedName:
            Self.isQualified(text) ? nil : "is not of the form schema.name"
        case .fileMode:
            Self.isFileMode(text) ? nil : "is no file mode (octal digits, such as 0770)"
        case .host:
            Self.isHost(text) ? nil : "is no host name or address"
        case .hostOrEmpty:
            text.isEmpty || Self.isHost(text) ? nil : "is no host name or address"
        case .serverHost:
            Self.isHost(text) || Self.isSocketPath(text)
                ? nil : "is no host name, address or absolute path of a socket's folder"
        case .webAddress:
            Self.isWebAddress(text) ? nil : "is no URL with https:// (or http:// and localhost)"
        case .quantity: Quantity.isNotNegative(text) ? nil : "is no quantity, such as 50m or 64Mi"
        case .timeWindow: TimeWindow.fault(in: text)
        case .digest: Self.isDigest(text) ? nil : "is no SHA-256 in hexadecimal"
        case .dateTime: Self.isDateTime(text) ? nil : "is no time in UTC, such as 2026-01-31T09:00:00Z"
        }
    }

    private static func count(_ range: ClosedRange<Int>) -> String {
        if range == 1...1 { return "one character" }
        return "\(range.lowerBound) to \(range.upperBound) characters long"
    }

    private static func isLabel(_ text: Substring) -> Bool {
        guard (1...63).contains(text.utf8.count), text.first != "-", text.last != "-" else { return false }
        return text.utf8.allSatisfy { isLowercase($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isSubdomain(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    private static func isDataKey(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && text != "." && !text.hasPrefix("..")
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, !isDigit(first) else { return false }
        return text.utf8.allSatisfy(isWord)
    }

    private static func isSocketPath(_ text: String) -> Bool {
        (2...107).contains(text.utf8.count) && text.utf8.first == UInt8(ascii: "/")
            && !text.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    private static func isFileMode(_ text: String) -> Bool {
        guard let mode = UInt32(text, radix: 8) else { return false }
        return (3...4).contains(text.utf8.count) && text.utf8.allSatisfy(isDigit) && mode <= 0o777
    }

    private static func isQualified(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2 && !parts.contains(where: \.isEmpty)
    }

    private static func isHost(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":")
            }
    }

    private static func isWebAddress(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return false }
        if text.hasPrefix("https://") { return text.utf8.count > 8 }
        return ["localhost", "127.0.0.1", "[::1]"].contains { host in
            text.hasPrefix("http://\(host):") || text.hasPrefix("http://\(host)/")
        }
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }

    /// `2026-01-31T09:00:00Z`, with up to nine digits of a second's fraction.
    private static func isDateTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (20...30).contains(bytes.count), bytes.count != 21, bytes.last == UInt8(ascii: "Z") else {
            return false
        }
        for (byte, pattern) in zip(bytes, "0000-00-00T00:00:00".utf8) {
            guard pattern == UInt8(ascii: "0") ? isDigit(byte) : byte == pattern else { return false }
        }
        guard bytes.count == 20 || bytes[19] == UInt8(ascii: "."),
            bytes[20..<bytes.count - (bytes.count > 20 ? 1 : 0)].allSatisfy(isDigit)
        else { return false }
        let number = { (range: Range<Int>) in bytes[range].reduce(0) { $0 * 10 + Int($1) - 0x30 } }
        let (year, month) = (number(0..<4), number(5..<7))
        guard (1...12).contains(month), (1...days(of: month, year)).contains(number(8..<10)) else {
            return false
        }
        return number(11..<13) < 24 && number(14..<16) < 60 && number(17..<19) < 60
    }

    private static func days(of month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isLowercase(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isLowercase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
