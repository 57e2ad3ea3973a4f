import WireProtocolsFuzzing

@testable import WireProtocols

/// Well-formed messages to begin with: those of the recordings, and some that no recording has.
enum Seeds {
    static func bodies(for exercise: BodyExercise) throws -> [[UInt8]] {
        let client = Recording.session.client
        let server = Recording.session.server
        return switch exercise {
        case .query: try messages(in: client, of: FrontendMessageType.query)
        case .parse: try messages(in: client, of: FrontendMessageType.parse)
        case .bind: try messages(in: client, of: FrontendMessageType.bind)
        case .functionCall: try messages(in: client, of: FrontendMessageType.functionCall)
        case .describe: try messages(in: client, of: FrontendMessageType.describe)
        case .execute: try messages(in: client, of: FrontendMessageType.execute)
        case .copyFail: try messages(in: client, of: FrontendMessageType.copyFail)
        case .password: [Array("secret\0".utf8)]
        case .saslInitialResponse:
            [Array("SCRAM-SHA-256\0\0\0\0\u{3}n,,".utf8), Array("X\0".utf8) + [255, 255, 255, 255]]
        case .rowDescription: try messages(in: server, of: BackendMessageType.rowDescription)
        case .parameterDescription: try messages(in: server, of: BackendMessageType.parameterDescription)
        case .dataRow: try messages(in: server, of: BackendMessageType.dataRow)
        case .errorResponse: try messages(in: server, of: BackendMessageType.errorResponse)
        case .commandComplete: try messages(in: server, of: BackendMessageType.commandComplete)
        case .readyForQuery: try messages(in: server, of: BackendMessageType.readyForQuery)
        case .parameterStatus: try messages(in: server, of: BackendMessageType.parameterStatus)
        case .backendKeyData: [[0, 0, 0, 9, 1, 2, 3, 4]]
        case .notification: try messages(in: server, of: BackendMessageType.notificationResponse)
        case .copyResponse: try messages(in: server, of: BackendMessageType.copyOutResponse)
        case .functionCallResponse: try messages(in: server, of: BackendMessageType.functionCallResponse)
        case .negotiateProtocolVersion: [[0, 3, 0, 2, 0, 0, 0, 2, 0x61, 0, 0], [0, 0, 0, 2, 0, 0, 0, 0]]
        case .authentication:
            [
                [0, 0, 0, 0], [0, 0, 0, 5, 1, 2, 3, 4], [0, 0, 0, 7, 1],
                [0, 0, 0, 10] + Array("A\0BC\0\0".utf8),
            ]
        case .startupPacket: startupPackets
        }
    }

    static func streams(for exercise: StreamExercise) -> [[UInt8]] {
        switch exercise {
        case .frontendFrames: [Recording.session.client]
        case .backendFrames: [Recording.session.server]
        case .clientHandshake, .encryptedClient:
            [
                Recording.scram.client, Recording.cleartext.client, Recording.md5.client,
                startupPackets[1] + startupPackets[0] + [0x70, 0, 0, 0, 6, 0x61, 0],
            ]
        case .serverHandshake, .encryptedServer:
            [
                Recording.scram.server, Recording.cleartext.server, Recording.md5.server,
                Recording.trust.server,
                Recording.missingDatabase.server,
            ]
        }
    }

    private static var startupPackets: [[UInt8]] {
        var startup: [UInt8] = []
        StartupMessage(parameters: [.init("user", "al"), .init("_pq_.x", ""), .init("replication", "no")])
            .write(to: &startup)
        var cancel: [UInt8] = []
        CancelRequest(processID: 7, secretKey: [1, 2, 3, 4, 5]).write(to: &cancel)
        var ssl: [UInt8] = []
        StartupPacket.writeSSLRequest(to: &ssl)
        return [startup, ssl, cancel]
    }
}
