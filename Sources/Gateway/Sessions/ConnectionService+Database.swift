import API
import Cryptography
import Logging
import NIOCore
import Networking
import Session
import WireProtocols

/// The way to the database. Secrets are read for each session, so that what has been rotated is used at once.
extension ConnectionService {
    /// Time an address has to answer for the first time.
    var connectTimeout: TimeAmount {
        let (seconds, attoseconds) = environment.connection.spec.upstream.connectTimeout.components
        return .milliseconds(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    func connect(to server: ServerAddress) -> EventLoopFuture<any Channel> {
        let endpoint: Endpoint =
            server.host.isSocketFolder
            ? .unix(path: server.address) : .tcp(host: server.address, port: UInt16(server.host.port))
        return Connector.connect(to: endpoint, on: loop, timeout: connectTimeout) { _ in }
    }

    /// - Throws: `SecretFault`; ``GatewayFault/credentialsUnsupported``.
    func login(to server: ServerAddress) throws -> PostgreSQLSession.Login {
        guard case .secret(let reference) = environment.connection.spec.credentials else {
            throw GatewayFault.credentialsUnsupported
        }
        let user = try secrets.read(SecretKeyReference(name: reference.name, key: reference.usernameKey))
        let password = SecretKeyReference(name: reference.name, key: reference.passwordKey)
        // Where a certificate may be proof enough, the password need not be there.
        let isOptional = server.isEncrypted && server.tls.clientCertificateSecretRef != nil
        if isOptional, !secrets.has(password) { return PostgreSQLSession.Login(user: user, password: nil) }
        return PostgreSQLSession.Login(user: user, password: try secrets.read(password))
    }

    /// - Throws: `SecretFault`; `TLSError/configuration(_:)`.
    func tlsHandler(for server: ServerAddress, handshake: EventLoopPromise<TLSFacts>) throws -> TLSHandler {
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

    private var secrets: SecretFolder { SecretFolder(path: configuration.secrets) }

    /// Has the database cancel what the key's owner is running, and returns once it has taken the request; who asks
    /// is not told whether there was one.
    func cancel(_ key: CancelRequest) -> EventLoopFuture<Void> {
        guard let (request, server) = cancellations.request(for: key) else {
            return loop.makeSucceededVoidFuture()
        }
        let done = loop.makePromise(of: Void.self)
        let (service, logger) = (NIOLoopBound(self, eventLoop: loop), logger)
        connect(to: server).assumeIsolated().whenComplete { result in
            do {
                let handler = CancelConnection(request, to: server, by: service.value, done: done)
                try result.get().pipeline.syncOperations.addHandler(handler)
            } catch {
                done.fail(error)
            }
        }
        done.futureResult.whenFailure { error in
            logger.warning("cancel request not delivered", metadata: ["error": "\(error)"])
        }
        return done.futureResult
    }
}
