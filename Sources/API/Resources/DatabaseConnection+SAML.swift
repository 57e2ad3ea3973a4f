extension DatabaseConnection {
    /// A SAML 2.0 identity provider, and what its assertions say of their subjects.
    package struct SAMLProvider: Sendable, Equatable {
        /// Most certificates of one provider: the current one, the next, and those of its other machines.
        package static let maximumCertificates = 8
        private static let skews: ClosedRange<Duration> = .zero...(.seconds(300))
        private static let maximumAttributes = 32
        /// What Entra ID sends in place of the groups of who has more than 150: where to ask for them.
        package static let groupsLink = "http://schemas.microsoft.com/claims/groups.link"

        /// As its `Issuer` says, to the letter.
        package var entityID: String
        /// Of its single-sign-on service, by HTTP-Redirect.
        package var singleSignOnURL: String
        /// By whose keys it signs, PEM, one each.
        package var certificates: [String]
        /// Attributes a subject must have, each with at least this value.
        package var requiredAttributes: [String: String]
        /// Attribute that names the subject; `nil`: the `NameID`.
        package var subjectAttribute: String?
        /// Put before that name, so that no two issuers name the same subject.
        package var subjectPrefix: String
        /// Attribute with the subject's groups; `nil`: none.
        package var groupsAttribute: String?
        package var groupsPrefix: String
        /// Attributes of the subject, and the attribute of the assertion each has its value from.
        package var attributes: [String: String]
        /// By which clocks may differ.
        package var clockSkew: Duration

        package init(reading fields: inout MappingReader) {
            entityID = fields.string("entityID")
            singleSignOnURL = fields.string("singleSignOnURL", .webAddress)
            certificates = fields.strings("certificates", .statementText, upTo: Self.maximumCertificates)
            requiredAttributes = fields.stringMap("requiredAttributes", upTo: Self.maximumAttributes)
            subjectAttribute = fields.optionalString("subjectAttribute")
            subjectPrefix = fields.string("subjectPrefix", .any, default: "")
            groupsAttribute = fields.optionalString("groupsAttribute")
            groupsPrefix = fields.string("groupsPrefix", .any, default: "")
            attributes = fields.stringMap("attributes", .nonEmpty, upTo: Self.maximumAttributes)
            clockSkew = fields.duration("clockSkew", in: Self.skews, default: .seconds(30))
            if certificates.isEmpty { fields.fault(at: "certificates", "must hold a certificate") }
            if certificates.contains(where: { !Self.isCertificate($0) }) {
                fields.fault(at: "certificates", "must each be one certificate in PEM")
            }
            for name in attributes.keys.sorted() where StringFormat.dataKey.fault(in: name) != nil {
                fields.fault(
                    at: "attributes", "has a name of other characters than letters, digits, '-', '_' and '.'")
            }
        }

        /// By its first and last line.
        private static func isCertificate(_ text: String) -> Bool {
            text.hasPrefix("-----BEGIN CERTIFICATE-----") && text.split(separator: "-----BEGIN ").count == 1
        }

        /// The names of all attributes that mean something here.
        package var attributeNames: Set<String> {
            Set(attributes.values).union(requiredAttributes.keys).union(
                [subjectAttribute, groupsAttribute, groupsAttribute.map { _ in Self.groupsLink }]
                    .compactMap(\.self))
        }
    }
}
