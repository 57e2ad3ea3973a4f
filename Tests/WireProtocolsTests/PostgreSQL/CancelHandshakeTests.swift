import Testing

@testable import WireProtocols

struct CancelHandshakeTests {
    private let request = CancelRequest(processID: 7, secretKey: [1, 2, 3, 4])
    private let sslRequest: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47]

    private var message: [UInt8] {
        var bytes: [UInt8] = []
        request.write(to: &bytes)
        return bytes
    }

    @Test func `without TLS the request is all there is`() {
        var machine = CancelHandshake(request, tls: .disabled)
        #expect(machine.hasSent == false)
        #expect(machine.start() == [.send(message)])
        #expect(machine.hasSent == true)
    }

    @Test func `with TLS the request follows the handshake`() {
        var machine = CancelHandshake(request, tls: .required)
        #expect(machine.start() == [.send(sslRequest)])
        #expect(machine.receive([]) == [])
        #expect(machine.receive([UInt8(ascii: "S")]) == [.startTLS])
        #expect(machine.hasSent == false)
        #expect(machine.tlsStarted(applicationProtocol: nil) == [.send(message)])
        #expect(machine.hasSent == true)
    }

    @Test func `direct TLS comes first`() {
        var machine = CancelHandshake(request, tls: .direct)
        #expect(machine.start() == [.startTLS])
        #expect(machine.tlsStarted(applicationProtocol: "postgresql") == [.send(message)])
        var other = CancelHandshake(request, tls: .direct)
        _ = other.start()
        #expect(other.tlsStarted(applicationProtocol: nil) == [.fail(.applicationProtocolNotAgreed)])
        #expect(other.hasSent == false)
    }

    @Test(arguments: [
        (Array("N".utf8), ServerHandshakeError.tlsNotOffered), (Array("E".utf8), .tlsNotOffered),
        (Array("SX".utf8), .plainBytesBeforeTLS),
    ])
    func `the key is not shown to a server without TLS`(answer: [UInt8], error: ServerHandshakeError) {
        var machine = CancelHandshake(request, tls: .required)
        _ = machine.start()
        #expect(machine.receive(answer) == [.fail(error)])
        #expect(machine.receive([UInt8(ascii: "S")]) == [])
        #expect(machine.tlsStarted(applicationProtocol: nil) == [])
        #expect(machine.hasSent == false)
    }
}
