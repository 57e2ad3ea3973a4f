import Kubernetes
import SAMLSigning
import Testing

@testable import SAML

/// An identity provider with a key of its own, and the service provider it knows.
struct PlayedProvider {
    static let entityID = "https://idp.example/metadata"
    static let serviceProvider = ServiceProvider(url: "https://weir.example")
    static let request = "_request1"
    /// 2026-11-29T12:00:00Z.
    static let now: Int64 = 1_795_953_600

    let key: String
    let certificate: String

    /// `bits` of RSA, or of the curve named.
    init(bits: UInt32 = 2048, curve: String? = nil) {
        var (key, certificate): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?)
        let isMade = unsafe saml_make_key(curve == nil ? bits : 0, curve, &key, &certificate)
        guard isMade == 1, let key = unsafe key, let certificate = unsafe certificate else {
            preconditionFailure("no key")
        }
        self.key = unsafe String(cString: key)
        self.certificate = unsafe String(cString: certificate)
    }

    /// One for all tests: keys take time.
    static let shared = PlayedProvider()
    /// Of somebody else.
    static let stranger = PlayedProvider()

    func verifier(_ others: [PlayedProvider] = []) throws -> ResponseVerifier {
        try ResponseVerifier(
            issuer: Self.entityID, certificates: others.map(\.certificate) + [certificate], clockSkew: 30,
            for: Self.serviceProvider)
    }

    /// Fills in the template of the element with that ID.
    func sign(_ xml: String, _ id: String, templateIn parent: String? = nil, secret: String? = nil) -> String
    {
        let result = unsafe saml_sign(xml, id, parent, secret ?? key, secret == nil ? 0 : 1)
        guard let result = unsafe result else { preconditionFailure("not signed: \(xml)") }
        return unsafe String(cString: result)
    }

    /// What was asserted, or why it was not believed.
    func judge(
        _ xml: String, at now: Int64 = now, request: String = request
    ) throws -> Result<VerifiedAssertion, SAMLFault> {
        let verifier = try verifier()
        do throws(SAMLFault) {
            return .success(try verifier.verify(xml: Array(xml.utf8), answering: request, at: now))
        } catch {
            return .failure(error)
        }
    }

    func respond(_ change: (inout Draft) -> Void = { _ in }) -> String {
        var draft = Draft()
        change(&draft)
        var xml = draft.xml
        if draft.signs.contains(.assertion) { xml = sign(xml, draft.assertionID, secret: draft.secret) }
        if draft.signs.contains(.response) { xml = sign(xml, draft.responseID, secret: draft.secret) }
        return xml
    }

    func judge(
        at now: Int64 = now, _ change: (inout Draft) -> Void
    ) throws -> Result<VerifiedAssertion, SAMLFault> {
        try judge(respond(change), at: now)
    }
}

/// A response before it is signed, each part as text.
struct Draft {
    enum Signed { case response, assertion }

    var signs: Set<Signed> = [.assertion]
    /// In place of the key.
    var secret: String?
    var signatureMethod = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    var digestMethod = "http://www.w3.org/2001/04/xmlenc#sha256"
    var canonicalization =
        #"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#
    var transforms =
        #"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#
        + #"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#
    var moreReferences = ""
    var keyInfo = ""

    var responseID = "_response1"
    var assertionID = "_assertion1"
    var destination = #"Destination="https://weir.example/v1/saml/acs""#
    var responseInResponseTo = #"InResponseTo="_request1""#
    var responseIssuer = "<saml:Issuer>https://idp.example/metadata</saml:Issuer>"
    var status =
        #"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>"#
    var version = "2.0"
    var issueInstant = "2026-11-29T12:00:00Z"
    var issuer = "<saml:Issuer>https://idp.example/metadata</saml:Issuer>"
    var nameID =
        #"<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann</saml:NameID>"#
    var method = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    var confirmationData =
        #"<saml:SubjectConfirmationData Recipient="https://weir.example/v1/saml/acs" InResponseTo="_request1" "#
        + #"NotOnOrAfter="2026-11-29T12:05:00Z"/>"#
    var conditionTimes = #"NotBefore="2026-11-29T11:59:00Z" NotOnOrAfter="2026-11-29T12:10:00Z""#
    var conditions =
        "<saml:AudienceRestriction><saml:Audience>https://weir.example/v1/saml/metadata</saml:Audience>"
        + "</saml:AudienceRestriction>"
    var statement =
        #"<saml:AuthnStatement AuthnInstant="2026-11-29T08:00:00Z" SessionNotOnOrAfter="2026-11-29T18:00:00Z"/>"#
    var attributes =
        #"<saml:AttributeStatement><saml:Attribute Name="groups"><saml:AttributeValue>nurses</saml:AttributeValue>"#
        + "<saml:AttributeValue>night</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"

    var signature: String { signature(of: assertionID) }

    func signature(of id: String) -> String {
        """
        <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>\(canonicalization)\
        <ds:SignatureMethod Algorithm="\(signatureMethod)"/><ds:Reference URI="#\(id)">\
        <ds:Transforms>\(transforms)</ds:Transforms><ds:DigestMethod Algorithm="\(digestMethod)"/><ds:DigestValue/>\
        </ds:Reference>\(moreReferences)</ds:SignedInfo><ds:SignatureValue/>\(keyInfo)</ds:Signature>
        """
    }

    var assertion: String {
        """
        <saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="\(assertionID)" Version="\(version)" \
        IssueInstant="\(issueInstant)">\(issuer)\(signs.contains(.assertion) ? signature : "")<saml:Subject>\(nameID)\
        <saml:SubjectConfirmation Method="\(method)">\(confirmationData)</saml:SubjectConfirmation></saml:Subject>\
        <saml:Conditions \(conditionTimes)>\(conditions)</saml:Conditions>\(statement)\(attributes)</saml:Assertion>
        """
    }

    var xml: String {
        """
        <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
        xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="\(responseID)" Version="\(version)" \
        IssueInstant="\(issueInstant)" \(destination) \(responseInResponseTo)>\(responseIssuer)\
        \(signs.contains(.response) ? signature(of: responseID) : "")\(status)\(assertion)</samlp:Response>
        """
    }
}

extension Result where Success == VerifiedAssertion, Failure == SAMLFault {
    /// `nil` where it was believed.
    var fault: SAMLFault? {
        if case .failure(let fault) = self { fault } else { nil }
    }
}
