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

    /// The place one further down.
    package func appending(_ token: String) -> Self { Self(tokens + CollectionOfOne(token)) }

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
}

extension JSONPointer: CustomStringConvertible {
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(tokens.reduce(0) { $0 + $1.utf8.count + 1 })
        for token in tokens {
            text.append(UInt8(ascii: "/"))
            let bytes = token.utf8.span
            for index in bytes.indices {
                let byte = bytes[index]
                switch byte {
                case UInt8(ascii: "~"): text += "~0".utf8
                case UInt8(ascii: "/"): text += "~1".utf8
                default: text.append(byte)
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
