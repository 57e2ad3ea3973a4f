/// A place in a JSON value (RFC 6901).
package struct JSONPointer: Sendable, Equatable {
    /// Unescaped; none is the whole value.
    package var tokens: [String]

    package init(_ tokens: [String]) {
        self.tokens = tokens
    }

    /// - Returns: `nil` for what is no pointer.
    package init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        tokens = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
    }

    private static func unescaped(_ part: Substring) -> String? {
        var token = String.UnicodeScalarView()
        var scalars = part.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "~" else {
                token.append(scalar)
                continue
            }
            switch scalars.next() {
            case "0": token.append("~")
            case "1": token.append("/")
            default: return nil
            }
        }
        return String(token)
    }

    package func appending(_ token: String) -> Self {
        JSONPointer(tokens + [token])
    }
}

extension JSONPointer: CustomStringConvertible {
    package var description: String {
        var text = ""
        for token in tokens { text += "/" + Self.escaped(token) }
        return text
    }

    private static func escaped(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return token
        }
        var text = String.UnicodeScalarView()
        for scalar in token.unicodeScalars {
            switch scalar {
            case "~": text.append(contentsOf: "~0".unicodeScalars)
            case "/": text.append(contentsOf: "~1".unicodeScalars)
            default: text.append(scalar)
            }
        }
        return String(text)
    }
}
