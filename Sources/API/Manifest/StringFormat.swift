/// What a string of a manifest must look like.
package enum StringFormat: Sendable {
    case any
    case nonEmpty
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
    /// A ``host``, or the absolute path of a folder with a socket in it.
    case serverHost

    /// Longest string in any field, in bytes.
    package static let maximumLength = 4096

    /// Why the text is not of this format; `nil` when it is.
    package func fault(in text: String) -> String? {
        guard text.utf8.count <= Self.maximumLength else {
            return "is longer than \(Self.maximumLength) bytes"
        }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            return "holds a control character"
        }
        return switch self {
        case .any: nil
        case .nonEmpty: text.isEmpty ? "may not be empty" : nil
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
        case .serverHost:
            Self.isHost(text) || Self.isSocketPath(text)
                ? nil : "is no host name, address or absolute path of a socket's folder"
        }
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
        (2...107).contains(text.utf8.count) && text.hasPrefix("/")
            && !text.split(separator: "/").contains("..")
    }

    private static func isFileMode(_ text: String) -> Bool {
        guard let mode = UInt32(text, radix: 8) else { return false }
        return (3...4).contains(text.utf8.count) && text.utf8.allSatisfy(isDigit) && mode <= 0o777
    }

    private static func isQualified(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts.contains("")
    }

    private static func isHost(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":")
            }
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
