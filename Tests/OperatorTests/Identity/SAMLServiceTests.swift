import API
import Cryptography
import Identity
import Kubernetes
import SAMLSigning
import Synchronization
import Testing

@testable import Operator
@testable import SAML

/// From the first address to a grant, by an operator's part that two replicas have.
struct SAMLServiceTests {
    private static let entityID = "https://idp.example/metadata"
    private static let verifier = "an-own-verifier-of-the-program-that-waits-1"
    private static let challenge = Base64URL.encode(SHA256.digest(of: Array(verifier.utf8)))
    private static let state = "0123456789abcdef"

    private struct NoKey: Error {}

    private let play: IdentityPlay
    private let key: String
    private let replicas: [IdentityService]

    init() async throws {
        var (key, certificate): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?)
        #expect(unsafe saml_make_key(2048, nil, &key, &certificate) == 1)
        guard let key = unsafe key, let certificate = unsafe certificate else { throw NoKey() }
        self.key = unsafe String(cString: key)
        let pem = unsafe String(cString: certificate)
        play = try await IdentityPlay(saml: [
            [
                "entityID": .string(Self.entityID), "singleSignOnURL": "https://idp.example/sso",
                "certificates": [.string(pem)], "subjectPrefix": "people:", "groupsAttribute": "groups",
                "attributes": ["ward": "ward"],
            ]
        ])
        replicas = [play.service(), play.service()]
        for replica in replicas { await replica.look() }
    }

    private func service(_ number: Int = 0) -> SAMLService {
        SAMLService(replicas[number], publicURL: "https://weir.example") { [play] in
            play.cluster.state.withView { $0.usableConnections() }
        }
    }

    private func begin(_ changes: [String: String?] = [:]) throws -> SAMLService.Begun {
        var query: [String: String] = [
            "connection": "clinic/clinic", "port": "4711", "state": Self.state, "challenge": Self.challenge,
        ]
        for (name, value) in changes { query[name] = value }
        return try service().begin { query[$0] }
    }

    /// As the browser keeps it.
    private func mark(_ begun: SAMLService.Begun) -> String {
        String(begun.location.split(separator: "RelayState=")[1])
    }

    private func request(_ begun: SAMLService.Begun, at replica: Int = 0) throws -> SAMLRequestState {
        let pair = begun.cookie.split(separator: ";")[0].split(separator: "=", maxSplits: 1).map(String.init)
        return try service(replica).request(mark(begun)) { $0 == pair[0] ? pair[1] : nil }
    }

    private func response(
        _ request: SAMLRequestState, id: String = "_a1", groups: Int = 1, nameOfGroups: String = "groups"
    ) -> String {
        let time = { (offset: Int64) in
            Timestamp(microseconds: (play.now + offset) * 1_000_000).time
        }
        let values = (0..<groups).map { "<AttributeValue>group-\($0)</AttributeValue>" }.joined()
        let xml = """
            <Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0" InResponseTo="\(request.request)" \
            Destination="https://weir.example/v1/saml/acs"><Status>\
            <StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></Status>\
            <Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="\(id)" Version="2.0" IssueInstant="\(time(0))">\
            <Issuer>\(Self.entityID)</Issuer><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>\
            <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>\
            <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>\
            <ds:Reference URI="#\(id)"><ds:Transforms>\
            <ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>\
            <ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>\
            <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>\
            </ds:SignedInfo><ds:SignatureValue/></ds:Signature><Subject><NameID>ann</NameID>\
            <SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData \
            Recipient="https://weir.example/v1/saml/acs" InResponseTo="\(request.request)" \
            NotOnOrAfter="\(time(300))"/></SubjectConfirmation></Subject><Conditions><AudienceRestriction>\
            <Audience>https://weir.example/v1/saml/metadata</Audience></AudienceRestriction></Conditions>\
            <AuthnStatement AuthnInstant="\(time(0))" SessionNotOnOrAfter="\(time(1800))"/><AttributeStatement>\
            <Attribute Name="\(nameOfGroups)">\(values)</Attribute>\
            <Attribute Name="ward"><AttributeValue>North</AttributeValue></Attribute>\
            <Attribute Name="salary"><AttributeValue>1</AttributeValue></Attribute>\
            </AttributeStatement></Assertion></Response>
            """
        let signed = unsafe saml_sign(xml, id, nil, key, 0)
        guard let signed = unsafe signed else { return "" }
        return Base64.encode(Array((unsafe String(cString: signed)).utf8))
    }

    @Test func `a sign-in begun at one replica ends at another, in a grant like any other`() async throws {
        let request = try request(try begin(), at: 1)
        let (text, signIn) = try await service(1).finish(request, response: response(request))
        #expect(signIn.attributes == ["groups": ["group-0"], "ward": ["North"]])
        let grant = try await play.exchange("\(text)~\(Self.verifier)", at: replicas[0]).get()
        let identity = try play.verify(grant, by: replicas[1]).get()
        #expect(identity.subject.name == "people:ann" && identity.subject.groups == ["group-0"])
        #expect(identity.subject.attributes == ["ward": "North"] && identity.subject.proof == .grant)
        #expect(identity.evidence.issuer == Self.entityID && identity.evidence.tokenIDs.last == "_a1")
        #expect(identity.evidence.certificate == signIn.certificate)
        // The identity provider's session ends before an hour is over.
        #expect(identity.evidence.expiry == play.now + 1800)
        play.wait(1800)
        let late = await play.exchange("\(text)~\(Self.verifier)", at: replicas[0])
        #expect(throws: TokenExchange.Refusal(code: .invalidGrant, description: "the token has expired")) {
            try late.get()
        }
    }

    @Test func `a sign-in opens nothing without its verifier, and is no grant`() async throws {
        let request = try request(try begin())
        let text = try await service().finish(request, response: response(request)).text
        for wrong in ["", "~", "~another", "~\(Self.challenge)"] {
            let result = await play.exchange(text + wrong, at: replicas[0])
            #expect(throws: TokenExchange.Refusal.self) { try result.get() }
        }
        #expect(try play.verify(text, by: replicas[0]) == .failure(.malformed("grant")))
        let grant = try await play.exchange("\(text)~\(Self.verifier)", at: replicas[0]).get()
        let forged = text.replacing("weir-sign-in-v1", with: "weir-grant-v1")
        #expect(try play.verify(forged, by: replicas[0]) == .failure(.signature))
        let turned = grant.replacing("weir-grant-v1", with: "weir-sign-in-v1") + "~\(Self.verifier)"
        let result = await play.exchange(turned, at: replicas[0])
        #expect(
            throws: TokenExchange.Refusal(code: .invalidGrant, description: "the token's signature is wrong")
        ) { try result.get() }
    }

    @Test func `an assertion is taken once, by whichever replica`() async throws {
        let begun = try begin()
        let state = try request(begun)
        let answer = response(state)
        _ = try await service(0).finish(state, response: answer)
        for replica in [0, 1] {
            await #expect(throws: SAMLService.Refusal.replayed) {
                try await service(replica).finish(request(begun, at: replica), response: answer)
            }
        }
    }

    @Test func `nobody is signed in who cannot be remembered`() async throws {
        let state = try request(try begin())
        var service = service()
        service = SAMLService(
            serviceProvider: service.serviceProvider, connections: service.connections,
            signer: service.signer,
            keys: service.keys, assertions: Forgetful(), now: service.now)
        let answer = response(state)
        await #expect(
            throws: SAMLService.Refusal.unavailable("it cannot be told which assertions were used")
        ) { try await service.finish(state, response: answer) }
    }

    private struct Forgetful: AssertionMemory {
        struct Fault: Error {}
        func take(_ assertion: TakenAssertion, until end: Int64, at now: Int64) throws -> Bool {
            throw Fault()
        }
    }

    @Test func `the browser that began goes on, in time, with the answer to its own request`() async throws {
        let (begun, other) = (try begin(), try begin())
        let cookie = begun.cookie.split(separator: ";")[0].split(separator: "=", maxSplits: 1)[1]
        #expect(throws: SAMLService.Refusal.unknownRequest) {
            try service().request(mark(begun)) { _ in nil }
        }
        #expect(throws: SAMLService.Refusal.unknownRequest) {
            try service().request(nil) { _ in String(cookie) }
        }
        #expect(throws: SAMLService.Refusal.unknownRequest) {
            try service().request(mark(other)) { _ in String(cookie) }
        }
        #expect(throws: SAMLService.Refusal.unknownRequest) {
            try service().request(mark(begun)) { _ in cookie.dropLast(3) + "AAA" }
        }
        let (mine, theirs) = (try request(begun), try request(other))
        await #expect(throws: SAMLService.Refusal.response(.unsolicited)) {
            try await service().finish(mine, response: response(theirs))
        }
        play.wait(SAMLRequestState.lifetime)
        #expect(throws: SAMLService.Refusal.unknownRequest) { try request(begun) }
    }

    @Test(arguments: [
        ("port", "0"), ("port", "65536"), ("port", "80@evil.example"), ("state", "short"),
        ("state", "a b c d e f g h i j"),
        ("challenge", ""), ("challenge", String(repeating: "a", count: 44)),
        ("challenge", String(repeating: "/", count: 43)), ("port", nil),
    ])
    func `what is asked for is well formed`(name: String, value: String?) {
        #expect(throws: SAMLService.Refusal.malformedRequest) { try begin([name: value]) }
    }

    @Test func `there must be a connection with the provider, and an address`() async throws {
        #expect(throws: SAMLService.Refusal.unknownProvider) { try begin(["connection": "clinic/other"]) }
        #expect(throws: SAMLService.Refusal.unknownProvider) {
            try begin(["provider": "https://evil.example"])
        }
        #expect(
            try begin(["provider": Self.entityID]).location.hasPrefix("https://idp.example/sso?SAMLRequest="))
        let known = service()
        let unknown = SAMLService(
            serviceProvider: nil, connections: known.connections, signer: known.signer, keys: known.keys,
            assertions: known.assertions, now: known.now)
        #expect(throws: SAMLService.Refusal.unconfigured) { try unknown.begin { _ in nil } }
    }

    @Test func `a sign-in that does not fit is refused`() async throws {
        let state = try request(try begin())
        await #expect(throws: SAMLService.Refusal.tooLarge) {
            try await service().finish(state, response: response(state, groups: 1500))
        }
        // More groups than a subject may have fit, and are refused in the exchange.
        let (text, _) = try await service().finish(state, response: response(state, id: "_a2", groups: 257))
        let result = await play.exchange("\(text)~\(Self.verifier)", at: replicas[0])
        #expect(
            throws: TokenExchange.Refusal(
                code: .invalidGrant, description: "the token is malformed: attribute groups", claimed: "ann",
                isGenuine: true)
        ) { try result.get() }
    }

    @Test func `groups that an assertion only refers to are not none`() async throws {
        let state = try request(try begin())
        let link = "http://schemas.microsoft.com/claims/groups.link"
        let answer = response(state, nameOfGroups: link)
        let (text, _) = try await service().finish(state, response: answer)
        let result = await play.exchange("\(text)~\(Self.verifier)", at: replicas[0])
        let refusal = #expect(throws: TokenExchange.Refusal.self) { try result.get() }
        #expect(
            refusal?.description == "the token is malformed: attribute groups is not in the assertion; "
                + "let the provider send fewer groups")
    }

    @Test func `what is over makes room, and without room nobody is signed in`() throws {
        var taken = TakenAssertions()
        for number in 0..<TakenAssertions.limit {
            #expect(try taken.take(TakenAssertion(id: "_\(number)", issuer: ""), until: 10, at: 0))
        }
        #expect(throws: TakenAssertions.Full.self) {
            try taken.take(TakenAssertion(id: "_more", issuer: ""), until: 10, at: 9)
        }
        #expect(try taken.take(TakenAssertion(id: "_more", issuer: ""), until: 20, at: 10))
        #expect(TakenAssertions(taken.json) == taken && taken.ends.count == 1)
    }
}
