import Kubernetes

/// Whether what was signed is for this service provider, in answer to this request, and now (SAML profiles, section 4.1.4.2).
struct ResponseCheck {
    let issuer: String
    let serviceProvider: ServiceProvider
    /// The identifier of the request.
    let request: String
    /// Seconds since 1970.
    let now: Int64
    /// In seconds.
    let skew: Int64

    private static let version = "2.0"
    /// Longest text taken from an assertion, in bytes. Ours.
    private static let maximumTextLength = 4096
    /// How old an assertion may be when it arrives, in seconds: it is made for the request that it answers. Ours.
    private static let maximumAge: Int64 = 600
    /// Conditions that are known (core, section 2.5.1); the last two restrict nobody here.
    private static let knownConditions: Set = [
        Names.audienceRestriction, Names.oneTimeUse, Names.proxyRestriction,
    ]

    // MARK: - The response

    func response(_ response: Element, isSigned: Bool) throws(SAMLFault) {
        guard response.attributes["Version"] == Self.version else { throw .malformed("Version") }
        try Self.status(of: response)
        if let issuer = try response.only(Names.issuer) { try check(issuer: issuer) }
        guard response.attributes["InResponseTo"] == request else { throw .unsolicited }
        let destination = response.attributes["Destination"]
        // Bindings, section 3.5.5.2.
        guard destination == serviceProvider.consumerURL || destination == nil && !isSigned else {
            throw .recipient
        }
    }

    /// - Throws: ``SAMLFault/status(_:)`` unless it is success.
    static func status(of response: Element) throws(SAMLFault) {
        let code = try response.required(Names.status).required(Names.statusCode)
        guard code.attributes["Value"] != Names.success else { return }
        let detail = code.all(Names.statusCode).first ?? code
        let name = detail.attributes["Value"]?.split(separator: ":").last.map(String.init) ?? ""
        let isPlain =
            (1...64).contains(name.utf8.count) && name.utf8.allSatisfy { (0x41...0x7A).contains($0) }
        throw .status(isPlain ? name : "no")
    }

    // MARK: - The assertion

    func assertion(_ assertion: Element, certificate: String) throws(SAMLFault) -> VerifiedAssertion {
        guard assertion.attributes["Version"] == Self.version else { throw .malformed("Version") }
        try check(issuer: assertion.required(Names.issuer))
        let issuedAt = try time(assertion, "IssueInstant")
        guard issuedAt <= now + skew else { throw .notYetValid }
        guard now < issuedAt + Self.maximumAge + skew else { throw .expired }
        let subject = try assertion.required(Names.subject)
        let name = try subject.required(Names.nameID)
        let nameID = try text(of: name)
        guard !nameID.isEmpty else { throw .malformed("NameID") }
        let confirmed = try confirmation(of: subject)
        let conditions = try check(conditions: assertion.required(Names.conditions))
        return VerifiedAssertion(
            id: try SignatureForm.identifier(of: assertion), issuer: issuer, certificate: certificate,
            nameID: nameID, isTransient: name.attributes["Format"] == Names.transient,
            attributes: try attributes(of: assertion), issuedAt: issuedAt,
            expiry: min(confirmed, conditions ?? confirmed), sessionEnd: try sessionEnd(of: assertion))
    }

    /// Core, section 2.2.5: the format of an issuer is an entity's, if it states one.
    private func check(issuer element: Element) throws(SAMLFault) {
        guard try text(of: element) == issuer,
            element.attributes["Format"].map({ $0 == Names.entity }) ?? true
        else { throw .issuer }
    }

    /// One confirmation as bearer must hold; others are no harm.
    /// - Returns: until when.
    private func confirmation(of subject: Element) throws(SAMLFault) -> Int64 {
        var fault = SAMLFault.malformed("no bearer confirmation")
        for confirmation in subject.all(Names.subjectConfirmation)
        where confirmation.attributes["Method"] == Names.bearer {
            do throws(SAMLFault) {
                return try check(bearer: confirmation.required(Names.subjectConfirmationData))
            } catch {
                fault = error
            }
        }
        throw fault
    }

    private func check(bearer data: Element) throws(SAMLFault) -> Int64 {
        guard data.attributes["Recipient"] == serviceProvider.consumerURL else { throw .recipient }
        guard data.attributes["InResponseTo"] == request else { throw .unsolicited }
        let end = try time(data, "NotOnOrAfter")
        try check(start: data, end: end)
        return end
    }

    /// - Returns: until when they hold; `nil` where they do not say.
    private func check(conditions: Element) throws(SAMLFault) -> Int64? {
        for condition in conditions.children where !Self.knownConditions.contains(condition.name) {
            throw .condition(condition.name.local == "Condition" ? "Condition" : "an extension")
        }
        let end = conditions.attributes["NotOnOrAfter"] == nil ? nil : try time(conditions, "NotOnOrAfter")
        try check(start: conditions, end: end)
        let restrictions = conditions.all(Names.audienceRestriction)
        guard !restrictions.isEmpty else { throw .audience }
        for restriction in restrictions {
            var isMeant = false
            for audience in restriction.all(Names.audience) {
                let name = try text(of: audience)
                isMeant = isMeant || name == serviceProvider.entityID
            }
            guard isMeant else { throw .audience }
        }
        return end
    }

    /// Core, section 2.7.2.
    /// - Returns: the earliest end that a statement tells.
    private func sessionEnd(of assertion: Element) throws(SAMLFault) -> Int64? {
        let statements = assertion.all(Names.authnStatement)
        guard !statements.isEmpty else { throw .malformed("no AuthnStatement") }
        var earliest: Int64?
        for statement in statements {
            guard try time(statement, "AuthnInstant") <= now + skew else { throw .notYetValid }
            guard statement.attributes["SessionNotOnOrAfter"] != nil else { continue }
            let end = try time(statement, "SessionNotOnOrAfter")
            guard now < end + skew else { throw .expired }
            earliest = min(earliest ?? end, end)
        }
        return earliest
    }

    private func attributes(of assertion: Element) throws(SAMLFault) -> [String: [String]?] {
        var attributes: [String: [String]?] = [:]
        for statement in assertion.all(Names.attributeStatement) {
            for attribute in statement.all(Names.attribute) {
                let name = try attribute.attribute("Name")
                guard attributes[name] == nil else { throw .malformed("an Attribute is there twice") }
                var values: [String]? = []
                for value in attribute.all(Names.attributeValue) {
                    if let text = value.leafText, text.utf8.count <= Self.maximumTextLength {
                        values?.append(text)
                    } else {
                        values = nil
                    }
                }
                attributes[name] = .some(values)
            }
        }
        return attributes
    }

    // MARK: - Values

    private func check(start element: Element, end: Int64?) throws(SAMLFault) {
        if element.attributes["NotBefore"] != nil, try time(element, "NotBefore") > now + skew {
            throw .notYetValid
        }
        if let end, now >= end + skew { throw .expired }
    }

    /// Of an element that holds nothing else.
    private func text(of element: Element) throws(SAMLFault) -> String {
        guard let text = element.leafText, text.utf8.count <= Self.maximumTextLength else {
            throw .malformed(element.name.local)
        }
        return text
    }

    /// Seconds since 1970 (core, section 1.3.3: in UTC).
    private func time(_ element: Element, _ name: String) throws(SAMLFault) -> Int64 {
        guard let moment = Timestamp(try element.attribute(name)) else { throw .malformed(name) }
        return moment.microseconds / 1_000_000
    }
}
