package import API

extension SignIn {
    /// - Parameter providers: those of one connection.
    /// - Returns: who it is, as the provider's settings name subjects.
    /// - Throws: ``TokenFault``, also when the connection does not know the certificate by which the assertion was signed.
    package func identity(
        by providers: [DatabaseConnection.SAMLProvider]
    ) throws(TokenFault) -> VerifiedIdentity {
        guard let provider = providers.first(where: { $0.entityID.utf8.elementsEqual(issuer.utf8) }) else {
            throw .issuer
        }
        guard provider.fingerprints.contains(certificate) else { throw .unknownKey }
        for (name, value) in provider.requiredAttributes.sorted(by: { $0.key < $1.key }) {
            guard let found = attributes[name].flatMap(\.self) else { throw .missingClaim(name) }
            guard found.contains(where: { $0.utf8.elementsEqual(value.utf8) }) else {
                throw .claimMismatch(name)
            }
        }
        let subject = provider.subjectPrefix + (try name(by: provider))
        // It could not be revoked.
        guard subject.utf8.count <= Revocation.maximumTextLength else {
            throw .malformed(provider.subjectAttribute ?? "NameID")
        }
        let groups = try groups(by: provider).map { provider.groupsPrefix + $0 }
        guard !([subject] + groups).contains(where: { $0.hasPrefix(TokenClaims.reserved) }) else {
            throw .reservedName
        }
        return VerifiedIdentity(
            subject: Subject(
                name: subject, groups: groups, proof: .token,
                attributes: provider.attributes.compactMapValues { single($0) }),
            evidence: IdentityEvidence(
                issuer: issuer, tokenIDs: [assertionID], issuedAt: issuedAt,
                expiry: min(expiry, sessionEnd ?? expiry), certificate: certificate))
    }

    private func name(by provider: DatabaseConnection.SAMLProvider) throws(TokenFault) -> String {
        if let attribute = provider.subjectAttribute {
            guard let name = single(attribute), !name.isEmpty else { throw .missingClaim(attribute) }
            return name
        }
        // Nobody could be found again by it, or revoked.
        guard !isTransient else { throw .malformed("the NameID is transient; name a subjectAttribute") }
        guard TokenClaims.isUsable(nameID), !nameID.isEmpty else { throw .malformed("NameID") }
        return nameID
    }

    /// Sorted, each once. What is no text is a fault: a group that is left out could be one that a rule is about.
    private func groups(by provider: DatabaseConnection.SAMLProvider) throws(TokenFault) -> [String] {
        guard let name = provider.groupsAttribute else { return [] }
        guard !attributes.keys.contains(DatabaseConnection.SAMLProvider.groupsLink) else {
            throw .malformed("attribute \(name) is not in the assertion; let the provider send fewer groups")
        }
        guard let found = attributes[name] else { return [] }
        guard let groups = found, groups.count <= TokenClaims.maximumGroupCount,
            groups.allSatisfy({ TokenClaims.isUsable($0) && !$0.isEmpty })
        else { throw .malformed("attribute \(name)") }
        return Set(groups).sorted()
    }

    /// The value of an attribute that has one.
    private func single(_ name: String) -> String? {
        guard let values = attributes[name].flatMap(\.self), values.count == 1,
            TokenClaims.isUsable(values[0])
        else { return nil }
        return values[0]
    }
}
