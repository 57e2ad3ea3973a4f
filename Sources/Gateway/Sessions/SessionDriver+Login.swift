import Cryptography
import Logging
import NIOCore
import Networking
import Session
import WireProtocols

/// What a session asks for before its first statement.
extension SessionDriver {
    func lookUp(_ startup: ClientStartup) {
        let (credential, subject) = service.directory.credential(for: startup, isLocal: isLocal)
        guard let randomness = try? RandomBytes.generate(Self.nonceLength) else { return end() }
        session.credentialFound(credential, subject: subject, randomness: randomness)
        perform()
    }

    func connect() {
        service.connect { _ in }.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let error):
                self.service.logger.warning("database unreachable", metadata: ["error": "\(error)"])
                self.session.serverUnreachable("database unreachable")
                self.perform()
            }
        }
    }

    private func connected(_ channel: any Channel) {
        guard !isClosed else { return channel.close(promise: nil) }
        do {
            let leg = Leg(.server, of: self)
            try channel.pipeline.syncOperations.addHandler(leg)
            server = leg
            let login = try service.login()
            let length = Self.nonceLength + PostgreSQLSession.cancelKeyLength
            session.serverConnected(login, randomness: try RandomBytes.generate(length))
        } catch {
            service.logger.error("no log-in to the database", metadata: ["error": "\(error)"])
            session.serverUnreachable("the gateway has no credential for the database")
        }
        perform()
    }

    // MARK: - TLS

    /// - Parameter received: the client's hello, when it did not ask first.
    func startClientTLS(alreadyReceived received: ByteBuffer? = nil) {
        client?.flush()
        guard let channel = client?.channel else { return }
        let promise = channel.eventLoop.makePromise(of: TLSFacts.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let facts):
                if received == nil {
                    self.session.clientTLSStarted(
                        facts.versionAndCipher, channelBinding: facts.serverEndPointBinding)
                } else {
                    self.session.clientTLSStartedDirectly(
                        facts.versionAndCipher, channelBinding: facts.serverEndPointBinding,
                        applicationProtocol: facts.applicationProtocol)
                    self.perform()
                }
            case .failure(let error):
                self.service.logger.info("TLS with a client failed", metadata: ["error": "\(error)"])
                channel.close(promise: nil)
            }
        }
        do {
            guard let handler = try service.clientTLSHandler(alreadyReceived: received, handshake: promise)
            else {
                promise.fail(NetworkingError.connectionClosed)
                return
            }
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            promise.fail(error)
        }
    }

    func startServerTLS() {
        server?.flush()
        guard let channel = server?.channel else { return }
        let promise = channel.eventLoop.makePromise(of: TLSFacts.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let facts):
                self.session.serverTLSStarted(channelBinding: facts.serverEndPointBinding)
            case .failure(let error):
                self.service.logger.warning("TLS with the database failed", metadata: ["error": "\(error)"])
                self.session.serverUnreachable(
                    "the database's TLS certificate or handshake was not acceptable")
            }
            self.perform()
        }
        do {
            let handler = try service.serverTLSHandler(handshake: promise)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            promise.fail(error)
        }
    }

    /// Bytes of randomness for one log-in.
    private static let nonceLength = 18
}
