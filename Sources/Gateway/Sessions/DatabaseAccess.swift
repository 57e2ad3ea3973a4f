package import API
package import Cryptography
package import NIOCore
package import Networking
package import Session
import WireProtocols

/// The way to the database of a connection. Secrets are read at each use, so that what has been rotated is used at once.
package struct DatabaseAccess: Sendable {
    private let connection: DatabaseConnection
    private let secrets: SecretFolder

    /// `secrets` is the path of a folder of secrets.
    package init(to connection: DatabaseConnection, secrets: String) {
        self.connection = connection
        self.secrets = SecretFolder(path: secrets)
    }

    /// Time an address has to answer for the first time.
    package var connectTimeout: TimeAmount {
        let (seconds, attoseconds) = connection.spec.upstream.connectTimeout.components
        return .milliseconds(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    /// Connects; `configure` is as `Connector` has it.
    package func connect(
        to server: ServerAddress, on loop: any EventLoop,
        configure: @escaping @Sendable (any Channel) throws -> Void = { _ in }
    ) -> EventLoopFuture<any Channel> {
        let endpoint: Endpoint =
            server.host.isSocketFolder
            ? .unix(path: server.address) : .tcp(host: server.address, port: UInt16(server.host.port))
        return Connector.connect(to: endpoint, on: loop, timeout: connectTimeout, configure: configure)
    }

    /// - Throws: `SecretFault`; `DatabaseConnection.Unsupported`.
    package func login(to server: ServerAddress) throws -> PostgreSQLSession.Login {
        let reference = try connection.spec.credentials.secret()
        let user = try secrets.read(SecretKeyReference(name: reference.name, key: reference.usernameKey))
        let password = SecretKeyReference(name: reference.name, key: reference.passwordKey)
        if Self.mayLackPassword(server), !secrets.has(password) {
            return PostgreSQLSession.Login(user: user, password: nil)
        }
        return PostgreSQLSession.Login(user: user, password: try secrets.read(password))
    }

    /// Where a certificate may be proof enough, the password need not be there.
    private static func mayLackPassword(_ server: ServerAddress) -> Bool {
        server.isEncrypted && server.tls.clientCertificateSecretRef != nil
    }

    /// Why log-ins fail while the secrets are as they are now.
    package func secretFaults() -> [SecretFault] {
        let upstream = connection.spec.upstream
        let servers = upstream.hosts.map { ServerAddress(host: $0, address: "", tls: upstream.tls) }
        var needed: [SecretKeyReference] = []
        if case .secret(let secret) = connection.spec.credentials {
            needed.append(SecretKeyReference(name: secret.name, key: secret.usernameKey))
            if !servers.allSatisfy({ Self.mayLackPassword($0) }) {
                needed.append(SecretKeyReference(name: secret.name, key: secret.passwordKey))
            }
        }
        if servers.contains(where: { $0.isEncrypted }) {
            if let authorities = upstream.tls.caConfigMapRef {
                needed.append(SecretKeyReference(name: authorities.name, key: authorities.key))
            }
            if let identity = upstream.tls.clientCertificateSecretRef {
                needed += [identity.certificate, identity.privateKey]
            }
        }
        return needed.compactMap { reference -> SecretFault? in
            do throws(SecretFault) {
                _ = try secrets.read(reference)
                return nil
            } catch {
                return error
            }
        }
    }

    /// - Throws: `SecretFault`; `TLSError/configuration(_:)`.
    package func tlsHandler(
        for server: ServerAddress, handshake: EventLoopPromise<TLSFacts>
    ) throws -> TLSHandler {
        let verification: TLSContext.Verification =
            switch server.tls.mode {
            case .verifyFull: .full(serverName: server.serverName)
            case .verifyCA: .certificateAuthority
            case .require, .disable: .none
            }
        let authorities = try server.tls.caConfigMapRef.map {
            try secrets.read(SecretKeyReference(name: $0.name, key: $0.key))
        }
        let identity = try server.tls.clientCertificateSecretRef.map {
            TLSContext.Identity(
                certificateChainPEM: try secrets.read($0.certificate),
                privateKeyPEM: try secrets.read($0.privateKey))
        }
        let context = try TLSContext.client(
            verification: verification, certificateAuthoritiesPEM: authorities, identity: identity,
            applicationProtocol: ClientHandshake.applicationProtocol)
        return try TLSHandler(context: context, handshake: handshake)
    }
}
