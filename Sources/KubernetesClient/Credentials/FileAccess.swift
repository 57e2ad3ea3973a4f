package import Kubernetes
import Synchronization

/// Access from files that are replaced while the process runs, as the kubelet does with tokens and authorities.
package final class FileAccess: AccessSource {
    /// How long what was read is used.
    package static let readInterval = Duration.seconds(60)

    package struct Files: Sendable, Equatable {
        package var token: String?
        package var authorities: String?
        package var certificates: String?
        package var key: String?

        package init(
            token: String? = nil, authorities: String? = nil, certificates: String? = nil, key: String? = nil
        ) {
            self.token = token
            self.authorities = authorities
            self.certificates = certificates
            self.key = key
        }
    }

    private let base: Access
    private let files: Files
    private let now: @Sendable () -> Duration
    private let state = Mutex<(access: Access, readAt: Duration)?>(nil)

    /// What has a file is read from it; the rest is as in `base`.
    package init(_ base: Access, _ files: Files, now: @escaping @Sendable () -> Duration = FileAccess.uptime)
    {
        self.base = base
        self.files = files
        self.now = now
    }

    package static let uptime: @Sendable () -> Duration = {
        let start = ContinuousClock.now
        return { ContinuousClock.now - start }
    }()

    package func current() async throws(TransportFailure) -> Access {
        let now = now()
        if let known = state.withLock(\.self), now - known.readAt < Self.readInterval { return known.access }
        return try read(at: now)
    }

    package func renewed(after refused: Access) async throws(TransportFailure) -> Access? {
        let access = try read(at: now())
        return access == refused ? nil : access
    }

    /// Files that cannot be read are an error: a token that is gone was taken away.
    private func read(at now: Duration) throws(TransportFailure) -> Access {
        var access = base
        do {
            if let token = files.token {
                access.authorization =
                    "Bearer \(try BearerToken.trimmed(try SmallFile.read(token), from: token))"
            }
            if let authorities = files.authorities {
                access.trust = .authorities(try SmallFile.read(authorities))
            }
            if let certificates = files.certificates {
                access.identity = ClientIdentity(
                    certificates: try SmallFile.read(certificates), key: access.identity?.key ?? [])
            }
            if let key = files.key {
                access.identity = ClientIdentity(
                    certificates: access.identity?.certificates ?? [], key: try SmallFile.read(key))
            }
        } catch {
            throw .credentials(error.description)
        }
        let read = access
        state.withLock { $0 = (read, now) }
        return access
    }
}

enum BearerToken {
    /// - Throws: for a token that would not be one header's value.
    static func trimmed(_ bytes: [UInt8], from place: String) throws(ConfigurationError) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
        let token = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard !token.isEmpty, token.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ConfigurationError("\(place): holds no token")
        }
        return String(decoding: token, as: UTF8.self)
    }
}
