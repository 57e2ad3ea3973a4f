import Cryptography
import Kubernetes
import Testing

@testable import SAML

struct RequestTests {
    private let serviceProvider = ServiceProvider(url: "https://weir.example/")

    @Test func `a request says who asks, where to answer, and is deflated as a query has it`() throws {
        let request = try AuthnRequest(
            by: serviceProvider, at: Timestamp(microseconds: PlayedProvider.now * 1_000_000))
        let address = request.address(at: "https://idp.example/sso?a=b&c", relayState: "0123456789abcdef")
        #expect(address.hasPrefix("https://idp.example/sso?a=b&c&SAMLRequest="))
        #expect(address.hasSuffix("&RelayState=0123456789abcdef"))
        let field = address.split(separator: "SAMLRequest=")[1].split(separator: "&")[0]
        let deflated = try #require(
            Base64.decode(
                field.replacing("%2B", with: "+").replacing("%2F", with: "/").replacing("%3D", with: "=")))
        #expect(deflated.first == 1)
        #expect(Int(deflated[1]) | Int(deflated[2]) << 8 == deflated.count - 5)
        #expect(deflated[1] ^ deflated[3] == 0xFF && deflated[2] ^ deflated[4] == 0xFF)
        let root = try XMLDocument(parsing: Array(deflated.dropFirst(5))).root
        #expect(root.name == Element.Name(Names.protocolNamespace, "AuthnRequest"))
        #expect(root.attributes["ID"] == request.id && request.id.count == 41 && request.id.hasPrefix("_"))
        #expect(root.attributes["IssueInstant"] == "2026-11-29T12:00:00Z")
        #expect(root.attributes["Destination"] == "https://idp.example/sso?a=b&c")
        #expect(root.attributes["AssertionConsumerServiceURL"] == "https://weir.example/v1/saml/acs")
        #expect(root.children[0].text == "https://weir.example/v1/saml/metadata")
    }

    @Test func `long texts are stored in several blocks`() {
        let blocks = Deflate.stored(Array(repeating: 7, count: 65_536))
        #expect(blocks.count == 65_536 + 10)
        #expect(blocks[0] == 0 && blocks[65_540] == 1 && blocks[65_541] == 1)
    }

    @Test func `metadata names the service provider and where it is answered`() throws {
        let root = try XMLDocument(parsing: Array(serviceProvider.metadata.utf8)).root
        #expect(root.attributes["entityID"] == "https://weir.example/v1/saml/metadata")
        let role = root.children[0]
        #expect(role.attributes["WantAssertionsSigned"] == "true")
        #expect(role.children[0].attributes["Location"] == "https://weir.example/v1/saml/acs")
    }
}
