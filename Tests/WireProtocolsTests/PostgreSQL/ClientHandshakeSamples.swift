import Cryptography
import Testing

@testable import WireProtocols

/// A handshake, and what its client sends and is told.
protocol ClientHandshakeSamples {}

extension ClientHandshakeSamples {
    typealias Action = ClientHandshake.Action

    var randomness: [UInt8] { [UInt8](0..<18) }
    var accept: UInt8 { UInt8(ascii: "S") }
    var decline: UInt8 { UInt8(ascii: "N") }
    var sslRequest: [UInt8] { [0, 0, 0, 8, 4, 210, 22, 47] }
    var gssRequest: [UInt8] { [0, 0, 0, 8, 4, 210, 22, 48] }

    func machine(
        tls: ClientHandshake.Options.TLS = .offered, isLocal: Bool = false, allowsReplication: Bool = false
    ) -> ClientHandshake {
        ClientHandshake(
            .init(tls: tls, isLocal: isLocal, allowsReplication: allowsReplication, mockSecret: [1, 2, 3]))
    }

    func startup(
        version: ProtocolVersion = .oldest,
        _ parameters: [StartupMessage.Parameter] = [.init("user", "alice")]
    ) -> [UInt8] {
        var output: [UInt8] = []
        StartupMessage(version: version, parameters: parameters).write(to: &output)
        return output
    }

    func clientStartup(
        _ parameters: [StartupMessage.Parameter] = [], database: String = "alice", isEncrypted: Bool = false
    ) -> ClientStartup {
        ClientStartup(
            version: .oldest, user: Array("alice".utf8), database: Array(database.utf8), replication: nil,
            parameters: parameters, isEncrypted: isEncrypted)
    }

    /// What the client is told on failure, and the failure itself.
    func failure(_ sqlState: String, _ message: String, hint: String? = nil) -> [Action] {
        let fields = DiagnosticFields(.fatal, sqlState: sqlState, message: message, hint: hint)
        var reply: [UInt8] = []
        fields.writeErrorResponse(to: &reply)
        return [.send(reply), .fail(fields)]
    }
}
