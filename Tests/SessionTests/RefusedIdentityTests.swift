import API
import Testing
import WireProtocols

@testable import Session

/// Who may not come in is told so once it is proven who that is, and not before.
struct RefusedIdentityTests {
    private let session: PostgreSQLSession
    private let revoked = DiagnosticFields(.fatal, sqlState: "28000", message: "the identity is revoked")

    init() throws {
        session = try Conversation().session
        var startup: [UInt8] = []
        StartupMessage(version: .oldest, parameters: [.init("user", "ann"), .init("database", "clinic")])
            .write(to: &startup)
        session.receive(client: startup.span, at: 0)
        session.output.reset()
    }

    private func ask(refusing refusal: DiagnosticFields? = nil) {
        session.credentialFound(
            .password(Array("secret".utf8)),
            subject: Subject(name: "ann", groups: [], proof: .gatewayUser), refusal: refusal,
            randomness: [UInt8](repeating: 1, count: 18))
        session.output.reset()
    }

    /// What the client is told for its password.
    private func answer(to password: String) -> String {
        var bytes: [UInt8] = []
        PasswordMessage.write(password.utf8, to: &bytes)
        session.receive(client: bytes.span, at: 0)
        return String(decoding: session.output.toClient, as: UTF8.self)
    }

    private var reasons: [String] {
        session.output.records.compactMap {
            if case .sessionRefused(let refusal) = $0.body { refusal.reason } else { nil }
        }
    }

    @Test func `the password opens the way to the database`() {
        ask()
        #expect(!answer(to: "secret").contains("28"))
        #expect(session.output.requests != [.close])
    }

    @Test func `whoever is revoked is told so for the right password`() {
        ask(refusing: revoked)
        let told = answer(to: "secret")
        #expect(told.contains("28000") && told.contains("the identity is revoked"))
        #expect(reasons == ["the identity is revoked"])
        #expect(session.output.requests == [.close])
    }

    @Test func `a wrong password tells nothing of that`() {
        ask(refusing: revoked)
        let told = answer(to: "guess")
        #expect(told.contains("28P01") && !told.contains("revoked"))
    }

    @Test func `nor does a revocation while the password is waited for`() {
        ask()
        session.identityEnded(.revoked)
        #expect(session.output.isEmpty)
        #expect(answer(to: "secret").contains("identity revoked"))
        #expect(reasons == ["terminating connection: identity revoked"])
        #expect(session.output.requests == [.close])
    }

    @Test func `only to log in again is a hint for whom that helps`() {
        #expect(Diagnosis.identityEnded(.revoked).hint.isEmpty)
        #expect(Diagnosis.identityEnded(.expired).hint == "Log in again.")
    }
}
