import Cryptography
import Testing

struct TLSTests {
    let authority: TestAuthority
    let server: TLSContext

    init() throws {
        authority = try TestAuthority()
        server = try TLSContext.server(
            identity: authority.issue(names: "DNS:db.test,IP:192.0.2.1,IP:2001:db8::1"),
            applicationProtocol: "postgresql")
    }

    func client(
        _ verification: TLSContext.Verification, applicationProtocol: String? = nil
    ) throws -> TLSContext {
        try TLSContext.client(
            verification: verification, certificateAuthoritiesPEM: authority.certificatePEM,
            applicationProtocol: applicationProtocol)
    }

    @Test(arguments: [
        TLSContext.Verification.full(serverName: "db.test"), .full(serverName: "192.0.2.1"),
        .full(serverName: "2001:db8::1"), .certificateAuthority, .none,
    ])
    func `the right server is accepted by name, by address, by authority and unseen`(
        verification: TLSContext.Verification
    ) throws {
        let loopback = try TLSLoopback(client: client(verification), server: server)
        #expect(loopback.client.facts == nil)
        try loopback.run()
        #expect(loopback.client.state == .open)
        #expect(loopback.server.state == .open)
        let facts = try #require(loopback.client.facts)
        #expect(facts == loopback.server.facts)
        #expect(facts.versionAndCipher == "TLSv1.3 TLS_AES_256_GCM_SHA384")
        #expect(facts.applicationProtocol == nil)
        #expect(facts.serverEndPointBinding?.count == 32)
    }

    @Test(arguments: ["other.test", "192.0.2.2", "2001:db8::2", "b.test", "db.test.evil.test"])
    func `another name or address is refused`(name: String) throws {
        let loopback = try TLSLoopback(client: client(.full(serverName: name)), server: server)
        #expect(throws: TLSError.nameMismatch) { try loopback.run() }
        #expect(loopback.client.state == .failed)
        #expect(loopback.client.hasCiphertext, "the server is told why")
    }

    @Test func `an authority nobody trusts is refused`() throws {
        let stranger = try TestAuthority()
        for authorities in [stranger.certificatePEM, nil] {
            let client = try TLSContext.client(
                verification: .certificateAuthority, certificateAuthoritiesPEM: authorities)
            let loopback = try TLSLoopback(client: client, server: server)
            #expect(throws: TLSError.unknownAuthority) { try loopback.run() }
        }
    }

    @Test func `an expired certificate is refused, but not by a client that verifies nothing`() throws {
        let expired = try TLSContext.server(identity: authority.issue(names: "DNS:db.test", days: -1))
        let loopback = try TLSLoopback(client: client(.full(serverName: "db.test")), server: expired)
        #expect(throws: TLSError.certificateExpired) { try loopback.run() }
        let indifferent = try TLSLoopback(client: client(.none), server: expired)
        try indifferent.run()
        #expect(indifferent.client.state == .open)
    }

    @Test(arguments: [1, 2, 5, 29, 1000, 16384, 1 << 20])
    func `chunk size does not change the plaintext`(chunk: Int) throws {
        let loopback = try TLSLoopback(client: client(.none), server: server, chunk: chunk)
        try loopback.run()
        let message = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try loopback.client.send(message)
        try loopback.client.send([])
        try loopback.client.send([42])
        try loopback.server.send(Array(message.reversed()))
        loopback.server.close()
        try loopback.run()
        #expect(loopback.server.received == message + [42])
        #expect(loopback.client.received == message.reversed())
        #expect(loopback.client.state == .closedByPeer)
        #expect(loopback.server.state == .open)
    }

    @Test func `changed ciphertext ends the connection`() throws {
        let loopback = try TLSLoopback(client: client(.none), server: server)
        try loopback.run()
        try loopback.client.send([1, 2, 3])
        var bytes = loopback.client.takeCiphertext()
        bytes[bytes.count - 1] ^= 1
        #expect(throws: TLSError.broken("decryption failed or bad record mac")) {
            try loopback.server.receive(bytes)
        }
        #expect(loopback.server.received.isEmpty)
        #expect(loopback.server.state == .failed)
        #expect(throws: TLSError.notOpen) { try loopback.server.send([1]) }
    }

    @Test func `what is not TLS fails the handshake`() throws {
        let end = try TLSEnd(server)
        #expect(throws: TLSError.handshakeFailed("http request")) {
            try end.receive(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        }
    }

    /// A ClientHello of RFC 4346 with one cipher suite and no extensions.
    @Test func `TLS 1.1 is refused`() throws {
        let random = [UInt8](repeating: 7, count: 32)
        let hello = [3, 2] + random + [0, 0, 2, 0xc0, 0x13, 1, 0] as [UInt8]
        let handshake = [1, 0, 0, UInt8(hello.count)] + hello
        let end = try TLSEnd(server)
        #expect(throws: TLSError.handshakeFailed("unsupported protocol")) {
            try end.receive([22, 3, 1, 0, UInt8(handshake.count)] + handshake)
        }
        #expect(end.takeCiphertext() == [21, 3, 2, 0, 2, 2, 70], "an alert: protocol_version")
    }

    @Test func `nothing is sent before the handshake`() throws {
        let end = try TLSEnd(server)
        #expect(throws: TLSError.notOpen) { try end.send([1]) }
    }

    @Test func `both agree on the application protocol they have in common`() throws {
        let loopback = try TLSLoopback(
            client: client(.none, applicationProtocol: "postgresql"), server: server)
        try loopback.run()
        #expect(loopback.client.facts?.applicationProtocol == "postgresql")
        #expect(loopback.server.facts?.applicationProtocol == "postgresql")
    }

    @Test func `a client with other application protocols is refused`() throws {
        let loopback = try TLSLoopback(client: client(.none, applicationProtocol: "h2"), server: server)
        #expect(throws: TLSError.handshakeFailed("no application protocol")) { try loopback.run() }
    }

    /// RFC 5929, section 4.1.
    @Test(arguments: [("sha256", "sha256"), ("sha384", "sha384"), ("sha512", "sha512")])
    func `the binding is the certificate's digest by its own signature's hash`(
        signature: String, digest: String
    ) throws {
        let identity = try authority.issue(names: "DNS:db.test", digest: signature)
        let server = try TLSContext.server(identity: identity)
        let loopback = try TLSLoopback(client: client(.none), server: server)
        try loopback.run()
        let binding = try #require(loopback.client.facts?.serverEndPointBinding)
        #expect(Hexadecimal.encode(binding) == (try authority.fingerprint(of: identity, digest: digest)))
        #expect(loopback.server.facts?.serverEndPointBinding == binding)
    }

    @Test func `a certificate signed without a hash has no binding`() throws {
        let identity = try TestAuthority(key: "ed25519").selfSigned()
        let loopback = try TLSLoopback(client: client(.none), server: TLSContext.server(identity: identity))
        try loopback.run()
        #expect(try #require(loopback.client.facts).serverEndPointBinding == nil)
        #expect(try #require(loopback.server.facts).serverEndPointBinding == nil)
    }

    @Test func `an Ed25519 key serves; a key of another certificate does not`() throws {
        let identity = try authority.issue(names: "DNS:db.test", key: "ed25519")
        let loopback = try TLSLoopback(
            client: client(.full(serverName: "db.test")), server: TLSContext.server(identity: identity))
        try loopback.run()
        #expect(loopback.client.state == .open)

        var mixed = identity
        mixed.privateKeyPEM = try authority.issue(names: "DNS:db.test").privateKeyPEM
        #expect(throws: TLSError.configuration("private key: no certificate assigned")) {
            try TLSContext.server(identity: mixed)
        }
    }

    @Test func `files that are not PEM make no context`() throws {
        let identity = try authority.issue(names: "DNS:db.test")
        let garbled = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
        for chain in [[], Array("nothing".utf8), identity.certificateChainPEM + garbled] {
            let broken = TLSContext.Identity(
                certificateChainPEM: chain, privateKeyPEM: identity.privateKeyPEM)
            #expect(throws: TLSError.self) { try TLSContext.server(identity: broken) }
            #expect(throws: TLSError.self) {
                try TLSContext.client(verification: .certificateAuthority, certificateAuthoritiesPEM: chain)
            }
        }
        var keyless = identity
        keyless.privateKeyPEM = identity.certificateChainPEM
        #expect(throws: TLSError.configuration("private key: not unencrypted PEM")) {
            try TLSContext.server(identity: keyless)
        }
        #expect(throws: TLSError.configuration("server name: not a host name")) {
            try client(.full(serverName: ""))
        }
    }
}
