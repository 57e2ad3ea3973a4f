import API
import Cryptography
import Logging
import NIOCore
import Networking
import Session
import WireProtocols

/// What a session asks for on its way to a server. Each server tried is an attempt of its own; what comes of an
/// attempt that has been left is dropped.
extension SessionDriver {
    func resolve(_ host: DatabaseConnection.Host) {
        let attempt = beginAttempt()
        Resolver.addresses(of: host.host, on: loop).assumeIsolated().whenComplete { result in
            guard attempt == self.attempt, !self.isClosed else { return }
            let addresses = (try? result.get()) ?? []
            if addresses.isEmpty {
                self.service.logger.warning(
                    "database host has no address", metadata: ["host": "\(host.host)"])
            }
            self.session.addressesFound(addresses)
            self.perform()
        }
    }

    func connect(to address: ServerAddress) {
        let attempt = beginAttempt()
        serverAddress = address
        service.access.connect(to: address, on: loop).assumeIsolated().whenComplete { result in
            guard attempt == self.attempt, !self.isClosed else {
                return (try? result.get())?.close(promise: nil) ?? ()
            }
            switch result {
            case .success(let channel): self.connected(channel, to: address)
            case .failure(let error): self.session.serverUnreachable("\(error)")
            }
            self.perform()
        }
    }

    private func connected(_ channel: any Channel, to address: ServerAddress) {
        do {
            let leg = Leg(.server, of: self)
            try channel.pipeline.syncOperations.addHandler(leg)
            server = leg
            let login = try service.access.login(to: address)
            let length = Self.nonceLength + PostgreSQLSession.cancelKeyLength
            session.serverConnected(login, randomness: try RandomBytes.generate(length))
        } catch {
            service.logger.error("no log-in to the database", metadata: ["error": "\(error)"])
            session.loginUnavailable("the gateway has no credential for the database")
        }
    }

    func startServerTLS() {
        server?.flush()
        guard let channel = server?.channel, let serverAddress else { return }
        let attempt = attempt
        let promise = channel.eventLoop.makePromise(of: TLSFacts.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            guard attempt == self.attempt, !self.isClosed else { return }
            switch result {
            case .success(let facts):
                self.session.serverTLSStarted(
                    channelBinding: facts.serverEndPointBinding,
                    applicationProtocol: facts.applicationProtocol)
            case .failure(let error):
                self.session.serverTLSFailed("\(error)")
            }
            self.perform()
        }
        do {
            let handler = try service.access.tlsHandler(for: serverAddress, handshake: promise)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            promise.fail(error)
        }
    }

    /// The server that is being tried is not the one.
    func leaveServer(reason: String) {
        if let serverAddress {
            service.logger.warning(
                "database server passed over",
                metadata: [
                    "host": "\(serverAddress.host.host):\(serverAddress.host.port)",
                    "address": "\(serverAddress.address)", "reason": "\(reason)",
                ])
        }
        server?.abandon()
        server = nil
        serverAddress = nil
    }

    func tell(_ role: DatabaseRoleRead) {
        let metadata: Logger.Metadata = [
            "database": "\(role.database)", "role": "\(role.role)",
            "privileges": "\(role.excessPrivileges.joined(separator: ", "))",
        ]
        if role.excessPrivileges.isEmpty {
            service.logger.notice("the database role has no privileges it does not need", metadata: metadata)
        } else {
            service.logger.warning("the database role has privileges it does not need", metadata: metadata)
        }
    }

    private func beginAttempt() -> UInt64 {
        attempt += 1
        isServerSilent = true
        setDeadline(in: service.access.connectTimeout)
        return attempt
    }
}
