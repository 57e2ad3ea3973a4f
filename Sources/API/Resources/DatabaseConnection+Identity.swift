extension DatabaseConnection {
    /// Who may be a client, and how that is proven.
    package struct Identity: Sendable, Equatable {
        /// Most issuers of one connection.
        package static let maximumIssuers = 32
        /// Most SAML identity providers of one connection.
        package static let maximumProviders = 8
        private static let staleness: ClosedRange<Duration> = .zero...(.seconds(3650 * 86_400))

        /// Clients on the gateway's loopback or socket are the workload it was started for.
        package var workload: Bool
        package var issuers: [Issuer]
        package var samlProviders: [SAMLProvider]
        /// `false` would let a session begin without a verified subject, which no gateway does.
        package var required: Bool
        /// A subject that was not seen for so long gets no grant any more; `nil`: however long.
        package var staleAfter: Duration?
        /// A workload is refused that nobody answers for.
        package var requireWorkloadOwner: Bool
        /// Who may act on behalf of others, with a token of theirs.
        package var onBehalfOf: OnBehalfOf

        package init(reading fields: inout MappingReader) {
            workload = fields.boolean("workload", default: true)
            issuers = fields.objects("issuers", upTo: Self.maximumIssuers) { Issuer(reading: &$0) }
            samlProviders = fields.objects("samlProviders", upTo: Self.maximumProviders) {
                SAMLProvider(reading: &$0)
            }
            required = fields.boolean("required", default: true)
            let staleness = fields.duration("staleAfter", in: Self.staleness, default: .zero)
            staleAfter = staleness == .zero ? nil : staleness
            requireWorkloadOwner = fields.boolean("requireWorkloadOwner", default: false)
            onBehalfOf = fields.defaultedObject("onBehalfOf") { OnBehalfOf(reading: &$0) }
            if !required { fields.fault(at: "required", "must be true: there is no anonymous session") }
            if Set(issuers.map(\.issuer)).count != issuers.count {
                fields.fault(at: "issuers", "names an issuer twice")
            }
            let names = issuers.map(\.issuer) + samlProviders.map(\.entityID)
            if !samlProviders.isEmpty, Set(names).count != names.count {
                fields.fault(at: "samlProviders", "names a provider that is an issuer or a provider already")
            }
        }

        /// Whether somebody may prove themselves by what an issuer or identity provider says.
        package var hasIssuers: Bool { !issuers.isEmpty || !samlProviders.isEmpty }
    }

    /// Acting on behalf of others.
    package struct OnBehalfOf: Sendable, Equatable {
        /// Nobody, if it names nobody.
        package var allowed: SubjectSelector

        package init(reading fields: inout MappingReader) {
            allowed = fields.defaultedObject("allowed") { SubjectSelector(reading: &$0) }
        }
    }

    /// An issuer of OpenID Connect tokens, and what its tokens say of their subjects.
    package struct Issuer: Sendable, Equatable {
        private static let skews: ClosedRange<Duration> = .zero...(.seconds(300))
        private static let ages: ClosedRange<Duration> = .seconds(60)...(.seconds(7 * 86_400))
        private static let maximumAttributes = 32

        /// As in the claim `iss`, to the letter.
        package var issuer: String
        package var audience: String
        /// Where its keys are; `nil`: where its discovery document says.
        package var jwksURI: String?
        /// Its keys, as JSON (RFC 7517, section 5), in place of what would be fetched.
        package var jwks: String?
        /// By whom the certificate is signed that it shows when its keys are fetched, PEM; `nil`: by whom the system trusts.
        package var certificateAuthority: String?
        /// Claims a token must have, with exactly these values.
        package var claims: [String: String]
        /// Claim that names the subject.
        package var subjectClaim: String
        /// Put before that name, so that no two issuers name the same subject.
        package var subjectPrefix: String
        /// Claim with the subject's groups, a string or a list of them; `nil`: none.
        package var groupsClaim: String?
        package var groupsPrefix: String
        /// Attributes of the subject, and the claim each has its value from.
        package var attributes: [String: String]
        /// Who answers for its subjects; `nil` where they are people, who do themselves.
        package var owner: Owner?
        package var algorithms: [TokenAlgorithm]
        /// By which clocks may differ.
        package var clockSkew: Duration
        /// Longest time since a token was issued.
        package var maximumTokenAge: Duration

        package init(reading fields: inout MappingReader) {
            issuer = fields.string("issuer")
            audience = fields.string("audience")
            jwksURI = fields.optionalString("jwksURI", .webAddress)
            jwks = fields.optionalString("jwks", .statementText)
            certificateAuthority = fields.optionalString("certificateAuthority", .statementText)
            claims = fields.stringMap("claims")
            subjectClaim = fields.string("subjectClaim", default: "sub")
            subjectPrefix = fields.string("subjectPrefix", .any, default: "")
            groupsClaim = fields.optionalString("groupsClaim")
            groupsPrefix = fields.string("groupsPrefix", .any, default: "")
            attributes = fields.stringMap("attributes", .nonEmpty, upTo: Self.maximumAttributes)
            owner = fields.optionalObject("owner") { Owner(reading: &$0) }
            let chosen: [TokenAlgorithm] = fields.choices("algorithms")
            algorithms = chosen.isEmpty ? TokenAlgorithm.allCases : chosen
            clockSkew = fields.duration("clockSkew", in: Self.skews, default: .seconds(30))
            maximumTokenAge = fields.duration("maximumTokenAge", in: Self.ages, default: .seconds(86_400))
            for name in attributes.keys.sorted() where StringFormat.dataKey.fault(in: name) != nil {
                fields.fault(
                    at: "attributes", "has a name of other characters than letters, digits, '-', '_' and '.'")
            }
            if owner != nil, attributes[Subject.ownerAttribute] != nil {
                fields.fault(at: "attributes", "has owner, which is given as the issuer's owner")
            }
            if jwks != nil, jwksURI != nil { fields.fault(at: "jwks", "has no meaning beside jwksURI") }
            if let certificateAuthority {
                if !certificateAuthority.hasPrefix("-----BEGIN CERTIFICATE-----") {
                    fields.fault(at: "certificateAuthority", "must be certificates in PEM")
                }
                if jwks != nil {
                    fields.fault(at: "certificateAuthority", "has no meaning beside jwks: nothing is fetched")
                }
            }
        }
    }
}

extension DatabaseConnection {
    /// Who answers for an issuer's subjects: once they have left, so have these.
    package struct Owner: Sendable, Equatable {
        /// Claim that names them; a token without it is refused.
        package var claim: String?
        /// Put before that.
        package var prefix: String
        /// One for all subjects.
        package var name: String?

        package init(reading fields: inout MappingReader) {
            claim = fields.optionalString("claim")
            prefix = fields.optionalString("prefix", .any) ?? ""
            name = fields.optionalString("name")
            if (claim == nil) == (name == nil) {
                fields.fault(at: "claim", "or name must be given, and not both")
            }
        }
    }
}

/// How a token may be signed (RFC 7518, section 3.1; RFC 8037). There is no `none`, and nothing with a shared secret.
package enum TokenAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case edDSA = "EdDSA"
}
