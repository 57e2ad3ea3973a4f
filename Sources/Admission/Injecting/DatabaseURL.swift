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
        // Bytes, for a character that has an accent after it would be another one.
        let bytes = Array(text.utf8)
        let colons = bytes.indices.lazy.filter { bytes[$0] == UInt8(ascii: ":") }
        guard let end = colons.first(where: { bytes[$0...].starts(with: separator) }) else { return nil }
        let scheme = bytes[..<end]
        guard let first = scheme.first, isLetter(first), scheme.allSatisfy(isOfScheme) else { return nil }
        let rest = bytes[(end + separator.count)...]
        let authority = rest.prefix { $0 != slash && $0 != questionMark && $0 != hash }
        let remainder = rest[authority.endIndex...]
        guard !remainder.contains(at) else { return nil }
        var user = ""
        if let end = authority.lastIndex(of: at) {
            user = string(authority[..<end].prefix { $0 != UInt8(ascii: ":") }) + "@"
        }
        return "\(string(scheme))://\(user)\(host):\(port)\(withoutDropped(remainder))"
    }

    private static let (slash, questionMark) = (UInt8(ascii: "/"), UInt8(ascii: "?"))
    private static let (hash, at) = (UInt8(ascii: "#"), UInt8(ascii: "@"))

    /// Of whole scalars: every part ends at an ASCII character.
    private static func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
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
    private static func withoutDropped(_ remainder: ArraySlice<UInt8>) -> String {
        let path = remainder.prefix { $0 != questionMark && $0 != hash }
        let query = remainder[path.endIndex...]
        guard query.first == questionMark else { return string(remainder) }
        let parameters = query.dropFirst().prefix { $0 != hash }
        let items = parameters.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        let kept = items.compactMap { item -> String? in
            let name = string(item.prefix { $0 != UInt8(ascii: "=") })
            // Its own value is about the way to the database, which is the gateway's now.
            if name.lowercased() == "sslmode" { return "\(name)=disable" }
            return dropped.contains(name.lowercased()) ? nil : string(item)
        }
        let list = kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
        return string(path) + list + string(query[parameters.endIndex...])
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
