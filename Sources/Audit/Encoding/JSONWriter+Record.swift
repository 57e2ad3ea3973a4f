import API
import Cryptography

/// The members of each type of record, in the order the format fixes. Empty texts and lists are left out.
extension JSONWriter {
    mutating func body(_ body: AuditEvent.Body) {
        switch body {
        case .gatewayStarted(let started):
            literal(#","type":"gatewayStarted""#)
            member(#","version":"#, started.version)
        case .configurationApplied(let configuration):
            literal(#","type":"configurationApplied""#)
            member(#","revision":"#, configuration.revision)
            member(#","faults":"#, configuration.faults)
            member(#","changes":"#, configuration.changes)
        case .databaseRole(let read):
            literal(#","type":"databaseRole""#)
            member(#","connection":"#, read.connection)
            member(#","database":"#, read.database)
            member(#","role":"#, read.role)
            member(#","excessPrivileges":"#, read.excessPrivileges)
        case .sessionStarted(let session): sessionStarted(session)
        case .sessionRefused(let refusal):
            literal(#","type":"sessionRefused""#)
            member(#","claimedUser":"#, refusal.claimedUser)
            member(#","connection":"#, refusal.connection)
            member(#","clientAddress":"#, refusal.clientAddress)
            member(#","reason":"#, refusal.reason)
            if refusal.count != 1 {
                literal(#","count":"#)
                number(refusal.count)
            }
        case .statement(let intent): statement(intent)
        case .outcome(let outcome): self.outcome(outcome)
        case .approval(let approval):
            literal(#","type":"approval","number":"#)
            number(approval.number)
            member(#","request":"#, approval.request)
            member(#","rule":"#, approval.rule)
            member(#","state":"#, approval.state)
            member(#","decisions":"#, approval.decisions)
        case .onBehalfOf(let recorded): onBehalfOf(recorded)
        case .sessionEnded(let end):
            literal(#","type":"sessionEnded""#)
            member(#","reason":"#, end.reason)
            literal(#","statements":"#)
            number(end.statements)
        }
    }

    mutating func segment(_ header: SegmentHeader) {
        literal(#","type":"segment","format":"#)
        number(header.format)
        literal(#","gateway":"#)
        string(header.gateway)
        literal(#","key":""#)
        raw(Base64.encodedBytes(header.key))
        literal(#"","previous":""#)
        hexadecimal(header.previous.bytes.span)
        literal("\"")
    }

    /// Without the signature, which is over what is written until then.
    mutating func head(
        _ reason: SignedHead.Reason, gateway: String, unsigned: UInt64, cut: UInt64, previous: Digest
    ) {
        literal(#","type":"head","gateway":"#)
        string(gateway)
        member(#","reason":"#, reason.rawValue)
        literal(#","unsigned":"#)
        number(unsigned)
        if cut > 0 {
            literal(#","cut":"#)
            number(cut)
        }
        literal(#","previous":""#)
        hexadecimal(previous.bytes.span)
        literal("\"")
    }

    mutating func sinkEvent(_ event: SinkEvent) {
        switch event {
        case .gatewayPinned(let gateway, let key):
            literal(#","type":"gatewayPinned","gateway":"#)
            string(gateway)
            literal(#","key":""#)
            raw(Base64.encodedBytes(key))
            literal("\"")
        case .received(let gateway, let first, let last):
            literal(#","type":"received","gateway":"#)
            string(gateway)
            literal(#","first":"#)
            number(first)
            literal(#","last":"#)
            number(last)
        case .incident(let gateway, let kind, let sequence, let detail):
            literal(#","type":"incident","gateway":"#)
            string(gateway)
            member(#","kind":"#, kind.rawValue)
            literal(#","sequence":"#)
            number(sequence)
            member(#","detail":"#, detail)
        case .evidenceRead(let reader, let what, let filter, let records):
            literal(#","type":"evidenceRead""#)
            member(#","reader":"#, reader)
            member(#","what":"#, what)
            member(#","filter":"#, filter)
            literal(#","records":"#)
            number(records)
        }
    }

    private mutating func sessionStarted(_ session: SessionStarted) {
        literal(#","type":"sessionStarted""#)
        identity(session.subject, session.evidence)
        member(#","claimedUser":"#, session.claimedUser)
        member(#","connection":"#, session.connection)
        member(#","database":"#, session.database)
        member(#","applicationName":"#, session.applicationName)
        member(#","clientAddress":"#, session.clientAddress)
        member(#","clientTLS":"#, session.clientTLS ?? "")
        literal(#","serverProcessID":"#)
        number(session.serverProcessID)
    }

    private mutating func identity(_ subject: Subject, _ evidence: IdentityEvidence?) {
        literal(#","subject":"#)
        string(subject.name)
        member(#","groups":"#, subject.groups)
        member(#","proof":"#, subject.proof.rawValue)
        member(#","attributes":"#, subject.attributeTexts)
        guard let evidence else { return }
        member(#","issuer":"#, evidence.issuer)
        member(#","tokens":"#, evidence.tokenIDs)
        literal(#","issuedAt":"#)
        number(UInt64(max(evidence.issuedAt, 0)))
        literal(#","expiry":"#)
        number(UInt64(max(evidence.expiry, 0)))
    }

    private mutating func onBehalfOf(_ recorded: OnBehalfOfRecorded) {
        literal(#","type":"onBehalfOf","number":"#)
        number(recorded.number)
        if let subject = recorded.subject { identity(subject, recorded.evidence) }
        member(#","reason":"#, recorded.reason)
    }

    private mutating func statement(_ intent: StatementIntent) {
        literal(#","type":"statement","number":"#)
        number(intent.number)
        member(#","channel":"#, intent.channel.rawValue)
        member(#","verdict":"#, intent.verdict.rawValue)
        member(#","rule":"#, intent.rule)
        member(#","requestID":"#, intent.requestID)
        literal(#","text":"#)
        string(intent.text.span, limit: StatementIntent.maximumTextLength)
        if intent.isTextRedacted { literal(#","redacted":true"#) }
        member(#","encoding":"#, intent.encoding)
        if !intent.digest.isEmpty {
            literal(#","digest":""#)
            hexadecimal(intent.digest.span)
            literal("\"")
        }
        summary(intent.summary)
        member(#","parameters":"#, intent.parameters)
        member(#","onBehalfOf":"#, intent.onBehalfOf)
    }

    private mutating func summary(_ summary: StatementSummary) {
        repeated(summary) { writer in
            writer.member(#","effects":"#, summary.effects)
            writer.member(#","relations":"#, summary.relations)
            writer.member(#","masks":"#, summary.masks)
        }
    }

    private mutating func outcome(_ outcome: StatementOutcome) {
        literal(#","type":"outcome","number":"#)
        number(outcome.number)
        if !outcome.tag.isEmpty {
            literal(#","tag":"#)
            string(outcome.tag.span)
        }
        member(#","sqlState":"#, outcome.sqlState)
        literal(#","rows":"#)
        number(outcome.rows)
        literal(#","bytesOut":"#)
        number(outcome.bytesOut)
        literal(#","bytesIn":"#)
        number(outcome.bytesIn)
        literal(#","microseconds":"#)
        number(outcome.microseconds)
        member(#","detected":"#, outcome.detected)
    }

    private mutating func member(_ name: StaticString, _ text: String) {
        guard !text.isEmpty else { return }
        literal(name)
        string(text)
    }

    private mutating func member(_ name: StaticString, _ list: [String]) {
        guard !list.isEmpty else { return }
        literal(name)
        strings(list)
    }
}
