import API
import Cryptography

/// The members of each type of record: the reverse of what `JSONWriter` writes.
extension JSONCursor {
    mutating func content(type: String) throws(RecordFault) -> Record.Content {
        switch type {
        case "gatewayStarted": .event(.gatewayStarted(GatewayStarted(version: try text("version"))))
        case "configurationApplied":
            .event(
                .configurationApplied(
                    ConfigurationApplied(
                        revision: try text("revision"), faults: try list("faults"),
                        changes: try list("changes"))))
        case "databaseRole":
            .event(
                .databaseRole(
                    DatabaseRoleRead(
                        connection: try text("connection"), database: try text("database"),
                        role: try text("role"), excessPrivileges: try list("excessPrivileges"))))
        case "sessionStarted": .event(.sessionStarted(try sessionStarted()))
        case "sessionRefused":
            .event(
                .sessionRefused(
                    SessionRefused(
                        claimedUser: try text("claimedUser"), connection: try text("connection"),
                        clientAddress: try text("clientAddress"), reason: try text("reason"),
                        count: member("count") ? try number() : 1)))
        case "statement": .event(.statement(try statement()))
        case "outcome": .event(.outcome(try outcome()))
        case "approval":
            .event(
                .approval(
                    ApprovalRecorded(
                        number: try requiredNumber("number"), request: try text("request"),
                        rule: try text("rule"), state: try text("state"), decisions: try list("decisions"))))
        case "onBehalfOf": .event(.onBehalfOf(try onBehalfOf()))
        case "sessionEnded":
            .event(
                .sessionEnded(
                    SessionEnded(reason: try text("reason"), statements: try requiredNumber("statements"))))
        case "segment": .segment(try segment())
        case "head": .head(try head())
        case "gatewayPinned": .sink(.gatewayPinned(gateway: try requiredText("gateway"), key: try key()))
        case "received":
            .sink(
                .received(
                    gateway: try requiredText("gateway"), first: try requiredNumber("first"),
                    last: try requiredNumber("last")))
        case "incident": .sink(try incident())
        case "evidenceRead":
            .sink(
                .evidenceRead(
                    reader: try text("reader"), what: try text("what"), filter: try text("filter"),
                    records: try requiredNumber("records")))
        default: try other(type)
        }
    }

    mutating func sessionID() throws(RecordFault) -> SessionID {
        guard let session = SessionID(hexadecimal: try string()), session != .gateway else {
            throw .value(member: "session")
        }
        return session
    }

    private mutating func segment() throws(RecordFault) -> SegmentHeader {
        SegmentHeader(
            format: try requiredNumber("format"), gateway: try requiredText("gateway"), key: try key(),
            previous: try digest("previous"))
    }

    private mutating func head() throws(RecordFault) -> SignedHead {
        let gateway = try requiredText("gateway")
        guard let reason = SignedHead.Reason(rawValue: try text("reason")) else {
            throw .value(member: "reason")
        }
        let unsigned = try requiredNumber("unsigned")
        let cut = member("cut") ? try number() : 0
        let previous = try digest("previous")
        guard let signature = Base64.decode(try requiredText("signature")),
            signature.count == Ed25519.signatureLength
        else { throw .value(member: "signature") }
        return SignedHead(
            gateway: gateway, reason: reason, unsigned: unsigned, cut: cut, previous: previous,
            signature: signature)
    }

    private mutating func incident() throws(RecordFault) -> SinkEvent {
        let gateway = try requiredText("gateway")
        guard let kind = SinkEvent.Incident(rawValue: try text("kind")) else { throw .value(member: "kind") }
        return .incident(
            gateway: gateway, kind: kind, sequence: try requiredNumber("sequence"), detail: try text("detail")
        )
    }

    private mutating func sessionStarted() throws(RecordFault) -> SessionStarted {
        let subject = try subject(named: requiredText("subject"))
        let evidence = try evidence()
        let claimedUser = try text("claimedUser")
        let connection = try text("connection")
        let database = try text("database")
        let applicationName = try text("applicationName")
        let clientAddress = try text("clientAddress")
        let clientTLS = try text("clientTLS")
        try expectMember("serverProcessID")
        return SessionStarted(
            subject: subject, evidence: evidence, claimedUser: claimedUser, connection: connection,
            database: database,
            applicationName: applicationName, clientAddress: clientAddress,
            clientTLS: clientTLS.isEmpty ? nil : clientTLS, serverProcessID: try signedNumber())
    }

    private mutating func subject(named name: String) throws(RecordFault) -> Subject {
        let groups = try list("groups")
        guard let proof = Subject.Proof(rawValue: try text("proof")) else { throw .value(member: "proof") }
        return Subject(name: name, groups: groups, proof: proof, attributes: try attributes())
    }

    private mutating func onBehalfOf() throws(RecordFault) -> OnBehalfOfRecorded {
        var recorded = OnBehalfOfRecorded(number: try requiredNumber("number"))
        if member("subject") {
            recorded.subject = try subject(named: string())
            recorded.evidence = try evidence()
        }
        recorded.reason = try text("reason")
        return recorded
    }

    /// Each written as `name=value`.
    private mutating func attributes() throws(RecordFault) -> [String: String] {
        var attributes: [String: String] = [:]
        for text in try list("attributes") {
            guard let sign = text.firstIndex(of: "=") else { throw .value(member: "attributes") }
            attributes[String(text[..<sign])] = String(text[text.index(after: sign)...])
        }
        return attributes
    }

    private mutating func evidence() throws(RecordFault) -> IdentityEvidence? {
        let (issuer, tokenIDs) = (try text("issuer"), try list("tokens"))
        guard member("issuedAt") else { return nil }
        let issuedAt = try number()
        let expiry = try requiredNumber("expiry")
        guard let issuedAt = Int64(exactly: issuedAt), let expiry = Int64(exactly: expiry) else {
            throw .value(member: "expiry")
        }
        return IdentityEvidence(issuer: issuer, tokenIDs: tokenIDs, issuedAt: issuedAt, expiry: expiry)
    }

    private mutating func statement() throws(RecordFault) -> StatementIntent {
        let number = try requiredNumber("number")
        guard let channel = StatementIntent.Channel(rawValue: try text("channel")) else {
            throw .value(member: "channel")
        }
        guard let verdict = StatementIntent.Verdict(rawValue: try text("verdict")) else {
            throw .value(member: "verdict")
        }
        let rule = try text("rule")
        let requestID = try text("requestID")
        try expectMember("text")
        let statement = try stringBytes()
        let isRedacted = member("redacted")
        if isRedacted { try expect("true") }
        let encoding = try text("encoding")
        var digest: [UInt8] = []
        if member("digest") {
            guard let bytes = Hexadecimal.decode(try string()) else { throw .value(member: "digest") }
            digest = bytes
        }
        let summary = StatementSummary(
            effects: try list("effects"), relations: try list("relations"), masks: try list("masks"))
        return StatementIntent(
            number: number, channel: channel, text: statement, isTextRedacted: isRedacted,
            encoding: encoding, digest: digest, summary: summary, verdict: verdict, rule: rule,
            requestID: requestID, parameters: try list("parameters"), onBehalfOf: try text("onBehalfOf"))
    }

    private mutating func outcome() throws(RecordFault) -> StatementOutcome {
        let number = try requiredNumber("number")
        let tag = member("tag") ? try stringBytes() : []
        return StatementOutcome(
            number: number, tag: tag, sqlState: try text("sqlState"), rows: try requiredNumber("rows"),
            bytesOut: try requiredNumber("bytesOut"), bytesIn: try requiredNumber("bytesIn"),
            microseconds: try requiredNumber("microseconds"), detected: try list("detected"))
    }

    /// Takes what members there are, up to the hash.
    private mutating func other(_ type: String) throws(RecordFault) -> Record.Content {
        while true {
            let start = self
            guard take(",") else { return .other(type: type) }
            let name = try stringBytes()
            if name == Array("hash".utf8) {
                self = start
                return .other(type: type)
            }
            try expect(":")
            try skipValue()
        }
    }

    private mutating func key() throws(RecordFault) -> [UInt8] {
        guard let key = Base64.decode(try requiredText("key")), key.count == Ed25519.publicKeyLength else {
            throw .value(member: "key")
        }
        return key
    }

    private mutating func digest(_ name: String) throws(RecordFault) -> Digest {
        guard let digest = Digest(hexadecimal: try requiredText(name)) else { throw .value(member: name) }
        return digest
    }

    /// Empty when the member is left out.
    private mutating func text(_ name: String) throws(RecordFault) -> String {
        member(name) ? try string() : ""
    }

    private mutating func requiredText(_ name: String) throws(RecordFault) -> String {
        try expectMember(name)
        return try string()
    }

    /// Empty when the member is left out.
    private mutating func list(_ name: String) throws(RecordFault) -> [String] {
        member(name) ? try strings() : []
    }

    private mutating func requiredNumber(_ name: String) throws(RecordFault) -> UInt64 {
        try expectMember(name)
        return try number()
    }
}
