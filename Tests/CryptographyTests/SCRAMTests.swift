import Cryptography
import Testing

struct SCRAMTests {
    static let salt = (0..<16).map { UInt8($0) }
    static let binding = [UInt8](repeating: 0xb1, count: 32)

    static func client(
        _ password: String = "pencil", _ channelBinding: SCRAMClient.ChannelBinding = .unsupported
    ) -> SCRAMClient {
        SCRAMClient(
            password: Array(password.utf8), nonce: Array("client".utf8), channelBinding: channelBinding)
    }

    static func server(_ binding: [UInt8]? = nil) throws -> SCRAMServer {
        let verifier = try SCRAMVerifier(password: Array("pencil".utf8), salt: salt)
        return SCRAMServer(verifier: verifier, nonce: Array("server".utf8), serverEndPointBinding: binding)
    }

    /// RFC 7677, section 3.
    @Test func `the exchange of RFC 7677 is spoken word for word`() throws {
        let serverFirst =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        let clientFinal =
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        let serverFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

        var client = SCRAMClient(
            userName: "user", password: Array("pencil".utf8), nonce: Array("rOprNGfwEbeRWgbNEkqO".utf8),
            channelBinding: .unsupported)
        #expect(client.firstMessage == Array("n,,n=user,r=rOprNGfwEbeRWgbNEkqO".utf8))
        #expect(try client.finalMessage(answering: Array(serverFirst.utf8)) == Array(clientFinal.utf8))
        try client.verify(Array(serverFinal.utf8))

        let salt = try #require(Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
        var server = SCRAMServer(
            verifier: try SCRAMVerifier(password: Array("pencil".utf8), salt: salt),
            nonce: Array("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".utf8), serverEndPointBinding: nil)
        #expect(
            try server.firstMessage(answering: client.firstMessage, mechanism: .sha256)
                == Array(serverFirst.utf8))
        #expect(try server.finalMessage(answering: Array(clientFinal.utf8)) == Array(serverFinal.utf8))
    }

    @Test(arguments: [
        (SCRAMClient.ChannelBinding.unsupported, nil), (.notOffered, nil), (.unsupported, binding),
        (.serverEndPoint(binding), binding),
    ])
    func `both sides agree with and without a channel`(
        channelBinding: SCRAMClient.ChannelBinding, serverBinding: [UInt8]?
    ) throws {
        var client = Self.client("pencil", channelBinding)
        var server = try Self.server(serverBinding)
        #expect(server.mechanisms.contains(client.mechanism))
        let first = try server.firstMessage(answering: client.firstMessage, mechanism: client.mechanism)
        try client.verify(server.finalMessage(answering: client.finalMessage(answering: first)))
    }

    @Test func `a wrong password is refused`() throws {
        var client = Self.client("pencils")
        var server = try Self.server()
        let first = try server.firstMessage(answering: client.firstMessage, mechanism: .sha256)
        let final = try client.finalMessage(answering: first)
        #expect(throws: SCRAMError.wrongProof) { try server.finalMessage(answering: final) }
        #expect(throws: SCRAMError.outOfOrder) { try server.finalMessage(answering: final) }
    }

    @Test func `a user that does not exist looks like one and is refused`() throws {
        let user = Array("nobody".utf8)
        let mock = SCRAMVerifier(mockFor: user, secret: [1, 2, 3])
        #expect(mock == SCRAMVerifier(mockFor: user, secret: [1, 2, 3]))
        #expect(mock.salt != SCRAMVerifier(mockFor: Array("other".utf8), secret: [1, 2, 3]).salt)
        #expect(mock.salt != SCRAMVerifier(mockFor: user, secret: [4]).salt)
        #expect(mock.salt.count == 16)
        var client = Self.client("")
        var server = SCRAMServer(verifier: mock, nonce: Array("server".utf8), serverEndPointBinding: nil)
        let first = try server.firstMessage(answering: client.firstMessage, mechanism: .sha256)
        let final = try client.finalMessage(answering: first)
        #expect(throws: SCRAMError.wrongProof) { try server.finalMessage(answering: final) }
    }

    @Test func `a server that does not know the password is found out`() throws {
        var client = Self.client()
        var server = try Self.server()
        let first = try server.firstMessage(answering: client.firstMessage, mechanism: .sha256)
        var final = try server.finalMessage(answering: client.finalMessage(answering: first))
        final[2] = final[2] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        #expect(throws: SCRAMError.wrongServerSignature) { try client.verify(final) }
    }

    @Test(arguments: ["v=", "v=AAAA", "e=other-error", "", "v=!", "x=AAAA"])
    func `no other final message of a server is accepted`(message: String) throws {
        var client = Self.client()
        var server = try Self.server()
        _ = try client.finalMessage(
            answering: server.firstMessage(answering: client.firstMessage, mechanism: .sha256))
        #expect(throws: SCRAMError.self) { try client.verify(Array(message.utf8)) }
    }

    @Test func `a client told that binding is not offered is told wrong`() throws {
        var server = try Self.server(Self.binding)
        #expect(throws: SCRAMError.channelBindingDowngraded) {
            try server.firstMessage(
                answering: Self.client("pencil", .notOffered).firstMessage, mechanism: .sha256)
        }
    }

    @Test func `a proof made on another connection is refused`() throws {
        var client = Self.client("pencil", .serverEndPoint([UInt8](repeating: 0xee, count: 32)))
        var server = try Self.server(Self.binding)
        let first = try server.firstMessage(answering: client.firstMessage, mechanism: .sha256Plus)
        let final = try client.finalMessage(answering: first)
        #expect(throws: SCRAMError.channelBindingMismatch) { try server.finalMessage(answering: final) }
    }

    @Test(arguments: [
        ("n,,n=,r=client", SCRAM.Mechanism.sha256Plus), ("y,,n=,r=client", .sha256Plus),
        ("p=tls-server-end-point,,n=,r=client", .sha256), ("p=tls-unique,,n=,r=client", .sha256Plus),
        ("", .sha256), ("x,,n=,r=client", .sha256),
    ])
    func `binding and mechanism belong together`(message: String, mechanism: SCRAM.Mechanism) throws {
        var server = try Self.server(Self.binding)
        #expect(throws: SCRAMError.mechanismMismatch) {
            try server.firstMessage(answering: Array(message.utf8), mechanism: mechanism)
        }
    }

    @Test(arguments: [
        "n", "n,", "n,,", "n,a=other,n=,r=client", "n,,m=x,n=,r=client", "n,,n=", "n,,n=,r=",
        "n,,n=,r=cli ent",
        "n,,r=client,n=", "n,,n=,r=client,x=1", "n,,n=,r=client,",
    ])
    func `a malformed first message of a client is refused`(message: String) throws {
        var server = try Self.server()
        #expect(throws: SCRAMError.self) {
            try server.firstMessage(answering: Array(message.utf8), mechanism: .sha256)
        }
    }

    @Test(arguments: [
        "r=client,s=AAAA,i=4096", "r=clienT1,s=AAAA,i=4096", "r=server,s=AAAA,i=4096", "r=client1,s=,i=4096",
        "r=client1,s=A,i=4096", "r=client1,s=AAAA,i=0", "r=client1,s=AAAA,i=-1", "r=client1,s=AAAA,i=1000001",
        "r=client1,s=AAAA,i=99999999999999999999", "r=client1,s=AAAA", "r=client1,s=AAAA,i=4096,x=1",
        "m=x,r=client1,s=AAAA,i=4096", "",
    ])
    func `a malformed first message of a server is refused`(message: String) throws {
        var client = Self.client()
        #expect(throws: SCRAMError.self) { try client.finalMessage(answering: Array(message.utf8)) }
        #expect(throws: SCRAMError.outOfOrder) { try client.verify(Array("v=AAAA".utf8)) }
    }

    @Test(arguments: [
        "c=biws,r=clientserver", "c=biws,r=clientserver,p=", "c=biws,r=clientserver,p=AAAA",
        "c=eSws,r=clientserver,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=biws,r=clientservers,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=biws,r=clientserver,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,x=1", "", ",,,",
    ])
    func `a malformed final message of a client is refused`(message: String) throws {
        var server = try Self.server()
        _ = try server.firstMessage(answering: Self.client().firstMessage, mechanism: .sha256)
        #expect(throws: SCRAMError.self) { try server.finalMessage(answering: Array(message.utf8)) }
    }

    @Test func `an answer to another challenge is refused`() throws {
        var client = Self.client()
        var server = try Self.server()
        let verifier = try SCRAMVerifier(password: Array("pencil".utf8), salt: Self.salt)
        var other = SCRAMServer(verifier: verifier, nonce: Array("other".utf8), serverEndPointBinding: nil)
        _ = try server.firstMessage(answering: client.firstMessage, mechanism: .sha256)
        let final = try client.finalMessage(
            answering: other.firstMessage(answering: client.firstMessage, mechanism: .sha256))
        #expect(throws: SCRAMError.nonceMismatch) { try server.finalMessage(answering: final) }
    }

    @Test func `messages have a limit`() throws {
        let head = "n,,n=,r="
        let longest = head + String(repeating: "a", count: SCRAM.maximumMessageLength - head.utf8.count)
        var server = try Self.server()
        _ = try server.firstMessage(answering: Array(longest.utf8), mechanism: .sha256)
        server = try Self.server()
        #expect(throws: SCRAMError.messageTooLong(SCRAM.maximumMessageLength + 1)) {
            try server.firstMessage(answering: Array("\(longest)a".utf8), mechanism: .sha256)
        }
    }

    /// Written by PostgreSQL 15 for the password `pencil`.
    @Test func `a verifier of PostgreSQL is read and written`() throws {
        let text =
            "SCRAM-SHA-256$4096:BIi+lgZ1f2lI3vlwilQL0A==$IOtteRAG7FxiWOb/CShz/zs/NS/k0+EanXo/EjrijUs="
            + ":6JaMegjCpHe0QaVeIeEHuTF4Coq4I2jPhK4czTmO1gY="
        let read = try SCRAMVerifier(text)
        #expect(try SCRAMVerifier(password: Array("pencil".utf8), salt: read.salt) == read)
        #expect(read.text == text)
    }

    private static let key = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

    @Test(arguments: [
        "", "md5abc", "SCRAM-SHA-256$4096:AAAA", "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA",
        "SCRAM-SHA-256$x:AAAA$\(key):\(key)", "SCRAM-SHA-256$4095:AAAA$\(key):\(key)",
        "SCRAM-SHA-256$4096:$\(key):\(key)", "SCRAM-SHA-1$4096:AAAA$\(key):\(key)",
        "SCRAM-SHA-256$4096:AAAA$\(key):\(key)$",
    ])
    func `what is no verifier is refused`(text: String) {
        #expect(throws: SCRAMError.self) { try SCRAMVerifier(text) }
    }
}
