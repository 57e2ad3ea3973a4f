import Cryptography
import Testing

@testable import WireProtocols

/// What comes before the session: encryption, versions, parameters.
struct ClientHandshakeTests: ClientHandshakeSamples {
    @Test(arguments: [1, 2, 3, 5, 12, Int.max])
    func `chunk size does not change what a client asks for`(chunk: Int) {
        let wire =
            gssRequest + sslRequest
            + startup([
                .init("user", "alice"), .init("database", "clinic"), .init("options", "-c a=b"),
                .init("options", "-c c=d"),
            ])
        var machine = machine(tls: .unavailable)
        var actions: [Action] = []
        for start in stride(from: 0, to: wire.count, by: min(chunk, wire.count)) {
            actions += machine.receive(Array(wire[start...].prefix(chunk)))
        }
        let parameters: [StartupMessage.Parameter] = [.init("options", "-c a=b"), .init("options", "-c c=d")]
        #expect(
            actions == [
                .send([decline]), .send([decline]), .lookUp(clientStartup(parameters, database: "clinic")),
            ])
    }

    @Test
    func `TLS starts after its request, then the session`() {
        var machine = machine()
        #expect(machine.receive(sslRequest) == [.send([accept]), .startTLS])
        machine.tlsStarted(channelBinding: nil)
        #expect(machine.receive(startup()) == [.lookUp(clientStartup(isEncrypted: true))])
    }

    @Test
    func `a connection may begin with TLS`() {
        var machine = machine(tls: .required)
        #expect(machine.directTLSStarted(channelBinding: nil, applicationProtocol: "postgresql") == [])
        #expect(machine.receive(startup()) == [.lookUp(clientStartup(isEncrypted: true))])
    }

    @Test(arguments: [nil, "http/1.1"])
    func `a connection that begins with TLS for another protocol ends without a word`(name: String?) {
        var machine = machine()
        #expect(
            machine.directTLSStarted(channelBinding: nil, applicationProtocol: name) == [
                .fail(
                    DiagnosticFields(
                        .fatal, sqlState: "08P01",
                        message: "direct TLS without the application protocol of PostgreSQL"))
            ])
        #expect(machine.receive(startup()) == [])
    }

    @Test
    func `bytes ahead of the TLS handshake are refused, not taken for the client's`() {
        var machine = machine()
        #expect(
            machine.receive(sslRequest + startup())
                == failure("08P01", "received unencrypted data after SSL request"))
        #expect(machine.receive(startup()) == [])
    }

    @Test
    func `plain bytes during the TLS handshake are refused without a plain word`() {
        var machine = machine()
        _ = machine.receive(sslRequest)
        #expect(
            machine.receive(startup()) == [
                .fail(
                    DiagnosticFields(
                        .fatal, sqlState: "08P01", message: "plain bytes during the TLS handshake"))
            ])
        machine.tlsStarted(channelBinding: nil)
        #expect(machine.receive(startup()) == [])
    }

    @Test
    func `encryption is asked for once each way`() {
        let refusal = failure("08P01", "encryption was asked for already")
        var machine = machine(tls: .unavailable)
        _ = machine.receive(sslRequest)
        #expect(machine.receive(sslRequest) == refusal)

        machine = self.machine()
        #expect(machine.receive(gssRequest) == [.send([decline])])
        #expect(machine.receive(gssRequest) == refusal)

        machine = self.machine()
        _ = machine.receive(sslRequest)
        machine.tlsStarted(channelBinding: nil)
        #expect(machine.receive(sslRequest) == refusal)
    }

    @Test
    func `where TLS is required, no session starts without it`() {
        var machine = machine(tls: .required, isLocal: true)
        #expect(
            machine.receive(startup())
                == failure(
                    "28000", "connections are accepted with TLS only",
                    hint: "Set sslmode=require, or verify-full to know the server as well."))
    }

    @Test(arguments: [4, 32, 256])
    func `a cancel request ends the connection, TLS or not`(keyLength: Int) {
        let request = CancelRequest(processID: 99, secretKey: [UInt8](repeating: 7, count: keyLength))
        var packet: [UInt8] = []
        request.write(to: &packet)
        var machine = machine(tls: .required)
        #expect(machine.receive(packet) == [.cancel(request)])
        #expect(machine.receive(packet) == [])
    }

    @Test
    func `3.0 and 3.2 are spoken as they are`() {
        for version in [ProtocolVersion.oldest, .init(major: 3, minor: 1), .newest] {
            var machine = machine()
            guard case .lookUp(let client)? = machine.receive(startup(version: version)).first else {
                Issue.record("\(version) is not spoken")
                continue
            }
            #expect(client.version == version)
        }
    }

    @Test
    func `a newer version and protocol options are negotiated`() {
        var negotiation: [UInt8] = []
        NegotiateProtocolVersion.write(.newest, unrecognizedOptions: [Array("_pq_.x".utf8)], to: &negotiation)
        var client = clientStartup([.init("options", "-c a=b")])
        client.version = .newest
        var machine = machine()
        #expect(
            machine.receive(
                startup(
                    version: ProtocolVersion(major: 3, minor: 9999),
                    [.init("user", "alice"), .init("_pq_.x", "1"), .init("options", "-c a=b")]))
                == [.send(negotiation), .lookUp(client)])

        negotiation = []
        NegotiateProtocolVersion.write(.oldest, unrecognizedOptions: [Array("_pq_.x".utf8)], to: &negotiation)
        machine = self.machine()
        #expect(
            machine.receive(startup([.init("user", "alice"), .init("_pq_.x", "1")]))
                == [.send(negotiation), .lookUp(clientStartup())])
    }

    @Test
    func `another protocol is refused`() {
        var machine = machine()
        #expect(
            machine.receive(startup(version: ProtocolVersion(major: 2, minor: 0)))
                == failure("0A000", "unsupported frontend protocol 2.0: server supports 3.0 to 3.2"))
        machine = self.machine()
        #expect(
            machine.receive(Array("GET / HTTP/1.1\r\n".utf8)) == failure("08P01", "invalid message length"))
    }

    @Test
    func `there is no session without a user`() {
        let refusal = failure("28000", "no PostgreSQL user name specified in startup packet")
        for parameters in [[], [StartupMessage.Parameter("user", "")]] {
            var machine = machine()
            #expect(machine.receive(startup(parameters)) == refusal)
        }
    }

    @Test(arguments: ["true", "on", "1", "database", "DATABASE", "nonsense", ""])
    func `replication is refused unless it is allowed`(value: String) {
        let packet = startup([.init("user", "alice"), .init("replication", value)])
        var machine = machine()
        #expect(machine.receive(packet) == failure("28000", "replication connections are not allowed here"))
        machine = self.machine(allowsReplication: true)
        var client = clientStartup()
        client.replication = Array(value.utf8)
        #expect(machine.receive(packet) == [.lookUp(client)])
    }

    @Test(arguments: ["false", "off", "0", "NO", "f"])
    func `no replication is an ordinary session`(value: String) {
        var machine = machine()
        #expect(
            machine.receive(startup([.init("user", "alice"), .init("replication", value)]))
                == [.lookUp(clientStartup())])
    }
}
