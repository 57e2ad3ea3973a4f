import Testing
import WireProtocols

@testable import Session

struct ProtocolVersionTests {
    private static let versions: [(version: ProtocolVersion, keyLength: Int)] = [
        (.oldest, 4), (ProtocolVersion(major: 3, minor: 1), 4), (.newest, PostgreSQLSession.cancelKeyLength),
        (ProtocolVersion(major: 3, minor: 9999), PostgreSQLSession.cancelKeyLength),
    ]

    @Test(arguments: versions)
    func `clients that know long cancel keys get one, whatever the database has`(
        version: ProtocolVersion, keyLength: Int
    ) throws {
        let conversation = try Conversation()
        _ = try conversation.logIn(version: version)
        let keys = conversation.requests.compactMap { request in
            if case .began(let key, _) = request { key.secretKey } else { nil }
        }
        #expect(keys == [[UInt8](repeating: 2, count: keyLength)])
    }
}
