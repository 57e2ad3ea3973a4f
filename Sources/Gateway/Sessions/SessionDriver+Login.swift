import API
import Cryptography
import Identity
import Logging
import NIOCore
import Networking
import Session
import Telemetry
import WireProtocols

/// What a session asks for towards its client.
extension SessionDriver {
    func lookUp(_ startup: ClientStartup) {
        let (credential, subject, refusal) = service.directory.credential(
            for: startup, isLocal: isLocal, of: service.environment.connection)
        guard let randomness = try? RandomBytes.generate(Self.nonceLength) else { return end() }
        session.credentialFound(credential, subject: subject, refusal: refusal, randomness: randomness)
        perform()
    }

    func verify(_ token: [UInt8]) {
        do throws(TokenFault) {
            let (identity, expiry) = try service.directory.verify(token, for: service.environment.connection)
            endIdentity(in: .seconds(expiry.components.seconds))
            session.tokenAccepted(identity.subject, identity.evidence)
        } catch {
            service.logger.info("token refused", metadata: ["reason": "\(error)"])
            session.tokenRefused("\(error)", isToken: TokenVerifier.isToken(token))
        }
        perform()
    }

    /// Judges what an application has shown to act on behalf of somebody.
    func verifyPerson(_ token: [UInt8]) {
        let verdict: TokenVerdict
        do throws(TokenFault) {
            let (identity, expiry) = try service.directory.verify(token, for: service.environment.connection)
            verdict = .accepted(
                identity.subject, identity.evidence, lifetime: expiry.components.seconds * 1_000_000)
        } catch {
            service.logger.info("token to act on behalf refused", metadata: ["reason": "\(error)"])
            verdict = .refused("\(error)")
        }
        session.tokenJudged(verdict, at: WallClock.now())
        perform()
    }

    /// Whose session it is, once that is proven.
    var subject: Subject? { session.subject }

    /// Ends the session if its identity does not hold any more.
    func checkIdentity() {
        guard let subject = session.subject, let end = end(of: subject, session.evidence) else { return }
        session.identityEnded(end)
        perform()
    }

    /// Why an identity does not hold any more; `nil` when it does.
    func end(of subject: Subject, _ evidence: IdentityEvidence?) -> IdentityEnd? {
        service.directory.end(of: subject, evidence, with: service.environment.connection)
    }

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

    /// Bytes of randomness for one log-in.
    static let nonceLength = 18
}
