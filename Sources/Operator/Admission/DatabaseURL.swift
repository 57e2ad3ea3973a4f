import API

/// The application's address of its database, pointed at the gateway.
enum DatabaseURL {
    /// Parameters that lead elsewhere, that hold credentials, or that ask for the encryption of a way that now ends
    /// within the pod.
    private static let dropped: Set = [
        "channel_binding", "gssencmode", "host", "hostaddr", "passfile", "password", "port", "service", "ssl",
        "sslcert", "sslcrl", "sslfactory", "sslkey", "sslnegotiation", "sslpassword", "sslrootcert",
    ]

    private static let separator = Array("://".utf8)

    /// Keeps scheme, user, database and what else is asked for, and drops the password.
    ///
    /// - Returns: `nil` for what is not clearly `scheme://[user[:password]@]host[:port][/database][?parameters]`:
    ///   a password that is not encoded may reach into any part of it.
    static func pointing(_ text: String, to host: String, port: Int) -> String? {
        // Bytes and scalars, for a character that has an accent after it would be another one.
        let isSeparator = { text.utf8[$0...].starts(with: separator) }
        guard let end = text.utf8.indices.first(where: isSeparator) else { return nil }
        let scheme = text[..<end]
        guard let first = scheme.utf8.first, isLetter(first), scheme.utf8.allSatisfy(isOfScheme) else {
            return nil
        }
        let rest = text.unicodeScalars[text.utf8.index(end, offsetBy: separator.count)...]
        let authority = rest.prefix { !["/", "?", "#"].contains($0) }
        let remainder = rest[authority.endIndex...]
        guard !remainder.contains("@") else { return nil }
        var user = ""
        if let at = authority.lastIndex(of: "@") {
            user = String(authority[..<at].prefix { $0 != ":" }) + "@"
        }
        return "\(scheme)://\(user)\(host):\(port)\(withoutDropped(remainder))"
    }

    /// For an application whose own address is not known.
    static func made(for connection: DatabaseConnection, host: String) -> String {
        let scheme =
            switch connection.spec.protocol {
            case .postgres: "postgresql"
            case .mysql: "mysql"
            case .ssh: "ssh"
            }
        let database = connection.spec.upstream.database.map { "/" + percentEncoded($0) } ?? ""
        return "\(scheme)://\(host):\(connection.spec.listen.port)\(database)"
    }

    /// Of `[/database][?parameters][#fragment]`.
    private static func withoutDropped(_ remainder: Substring.UnicodeScalarView) -> String {
        let path = remainder.prefix { $0 != "?" && $0 != "#" }
        let query = remainder[path.endIndex...]
        guard query.first == "?" else { return String(remainder) }
        let parameters = query.dropFirst().prefix { $0 != "#" }
        let items = parameters.split(separator: "&", omittingEmptySubsequences: false)
        let kept = items.compactMap { item -> String? in
            let name = String(item.prefix { $0 != "=" })
            // Its own value is about the way to the database, which is the gateway's now.
            if name.lowercased() == "sslmode" { return "\(name)=disable" }
            return dropped.contains(name.lowercased()) ? nil : String(item)
        }
        let list = kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
        return String(path) + list + String(query[parameters.endIndex...])
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// RFC 3986, section 3.1, and the colon of `jdbc:postgresql`.
    private static func isOfScheme(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":")].contains(byte)
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { output, byte in
            let isPlain =
                isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(byte)
            if isPlain {
                output.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                output += (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
