import API
import Kubernetes

/// What a token says (RFC 7519, section 4); believed once its signature is verified.
struct TokenClaims {
    /// Longest text taken from a claim, in bytes. Ours.
    private static let maximumTextLength = 1024
    /// Groups of one subject. Ours.
    static let maximumGroupCount = 256
    /// How names begin that only Kubernetes gives.
    static let reserved = "system:"

    private let claims: JSON

    init(_ claims: JSON) {
        self.claims = claims
    }

    func identity(
        by issuer: DatabaseConnection.Issuer, at now: Int64
    ) throws(TokenFault) -> VerifiedIdentity {
        guard audiences.contains(where: { $0.utf8.elementsEqual(issuer.audience.utf8) }) else {
            throw .audience
        }
        let (issuedAt, expiry) = try times(under: issuer, at: now)
        for (name, value) in issuer.claims.sorted(by: { $0.key < $1.key }) {
            guard let found = text(name) else { throw .missingClaim(name) }
            guard found.utf8.elementsEqual(value.utf8) else { throw .claimMismatch(name) }
        }
        let subject = try Self.revocable(
            issuer.subjectPrefix + name(issuer.subjectClaim), by: issuer.subjectClaim)
        let groups = try groups(issuer).map { issuer.groupsPrefix + $0 }
        guard !([subject] + groups).contains(where: { $0.hasPrefix(Self.reserved) }) else {
            throw .reservedName
        }
        for claim in issuer.attributes.values.sorted() { try requireNotElsewhere(claim) }
        var attributes = issuer.attributes.compactMapValues { text($0) }
        attributes[Subject.ownerAttribute] = try owner(issuer) ?? attributes[Subject.ownerAttribute]
        return VerifiedIdentity(
            subject: Subject(name: subject, groups: groups, proof: .token, attributes: attributes),
            evidence: IdentityEvidence(
                issuer: issuer.issuer, tokenIDs: try tokenIDs, issuedAt: issuedAt, expiry: expiry))
    }

    /// `nil` where it says nothing of it; without an issuer that is known, the claim `sub`.
    func subject(by issuer: DatabaseConnection.Issuer?) -> String? {
        guard let name = text(issuer?.subjectClaim ?? "sub"), !name.isEmpty else { return nil }
        return (issuer?.subjectPrefix ?? "") + name
    }

    /// A token that says nothing of it, where it has to, is one of nobody's.
    private func owner(_ issuer: DatabaseConnection.Issuer) throws(TokenFault) -> String? {
        guard let owner = issuer.owner else { return nil }
        guard let claim = owner.claim else { return owner.name }
        try requireNotElsewhere(claim)
        return try Self.revocable(owner.prefix + name(claim), by: claim)
    }

    /// A name that is too long for a revocation is nobody's.
    private static func revocable(_ name: String, by claim: String) throws(TokenFault) -> String {
        guard name.utf8.count <= Revocation.maximumTextLength else { throw .malformed("claim \(claim)") }
        return name
    }

    /// A token that has an identifier is revoked by it, or not taken.
    private var tokenIDs: [String] {
        get throws(TokenFault) {
            guard claims["jti"] != nil else { return [] }
            guard let id = text("jti") else { throw .malformed("claim jti") }
            return [id]
        }
    }

    private var audiences: [String] {
        if let one = claims["aud"]?.string { return [one] }
        return claims["aud"]?.strings ?? []
    }

    // MARK: - Times, in seconds since 1970

    private func times(
        under issuer: DatabaseConnection.Issuer, at now: Int64
    ) throws(TokenFault) -> (issuedAt: Int64, expiry: Int64) {
        let skew = issuer.clockSkew.components.seconds
        guard let expiry = try time("exp") else { throw .missingClaim("exp") }
        guard let issuedAt = try time("iat") else { throw .missingClaim("iat") }
        let notBefore = try time("nbf") ?? issuedAt
        guard now < expiry + skew else { throw .expired }
        guard issuedAt <= now + skew, notBefore <= now + skew else { throw .notYetValid }
        let latest = issuedAt + issuer.maximumTokenAge.components.seconds
        guard now < latest + skew else { throw .tooOld }
        // A session must not outlive the age that its token may have.
        return (issuedAt, min(expiry, latest) + skew)
    }

    /// Latest time taken: the end of the year 9999.
    private static let latestTime: Int64 = 253_402_300_799

    /// A `NumericDate` (RFC 7519, section 2), its fraction dropped.
    private func time(_ name: String) throws(TokenFault) -> Int64? {
        guard let value = claims[name] else { return nil }
        var seconds = value.integer
        if case .number(let text) = value {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let isPlain =
                parts.count == 2 && parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
            seconds = isPlain ? Int64(parts[0]) : nil
        }
        guard let seconds, (0...Self.latestTime).contains(seconds) else { throw .malformed("claim \(name)") }
        return seconds
    }

    // MARK: - Texts

    /// The claim as text, a number or boolean as it is written; `nil` where it is none, too long, or holds control characters.
    private func text(_ name: String) -> String? {
        let text: String
        switch claims[name] {
        case .string(let string): text = string
        case .integer(let number): text = "\(number)"
        case .bool(let value): text = "\(value)"
        case nil, .null, .number, .array, .object: return nil
        }
        return Self.isUsable(text) ? text : nil
    }

    /// What names somebody, and so is there.
    private func name(_ claim: String) throws(TokenFault) -> String {
        guard let value = claims[claim], value != .null, value != "" else { throw .missingClaim(claim) }
        guard let name = text(claim) else { throw .malformed("claim \(claim)") }
        return name
    }

    static func isUsable(_ text: String) -> Bool {
        text.utf8.count <= maximumTextLength && !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    /// A claim that the token only refers to (OpenID Connect Core 1.0, section 5.6.2) is not one without
    /// values: Entra ID leaves out the groups of who has more than 200 so, or says `hasgroups`.
    private func requireNotElsewhere(_ name: String) throws(TokenFault) {
        guard claims["_claim_names", name] == nil else { throw Self.elsewhere(name) }
    }

    private static func elsewhere(_ name: String) -> TokenFault {
        .malformed("claim \(name) is not in the token; let the issuer send fewer values")
    }

    /// Sorted, each once. What is no text is a fault: a group that is left out could be one that a rule is about.
    private func groups(_ issuer: DatabaseConnection.Issuer) throws(TokenFault) -> [String] {
        guard let name = issuer.groupsClaim else { return [] }
        try requireNotElsewhere(name)
        guard claims["hasgroups"]?.bool != true else { throw Self.elsewhere(name) }
        guard let value = claims[name] else { return [] }
        let groups: [String]
        if let one = value.string {
            groups = [one]
        } else {
            groups = value.strings
            guard groups.count == value.array?.count else { throw .malformed("claim \(name)") }
        }
        guard groups.count <= Self.maximumGroupCount, groups.allSatisfy({ Self.isUsable($0) && !$0.isEmpty })
        else { throw .malformed("claim \(name)") }
        return Set(groups).sorted()
    }
}
