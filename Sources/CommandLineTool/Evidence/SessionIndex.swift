import API
import Audit
import AuditSink

/// Sessions as records tell of them: the same the sink keeps in its table.
struct SessionIndex {
    /// In the order they began.
    private(set) var summaries: [SessionSummary] = []
    private var places: [SessionID: Int] = [:]

    init(_ entries: [EvidenceArchive.Entry]) {
        for entry in entries {
            guard case .event(let body) = entry.record.content else { continue }
            add(body, entry)
        }
    }

    private mutating func add(_ body: AuditEvent.Body, _ entry: EvidenceArchive.Entry) {
        let session = entry.record.session
        switch body {
        case .sessionStarted, .sessionRefused:
            guard let summary = SessionSummary(body, entry), places[session] == nil else { return }
            if session != .gateway { places[session] = summaries.count }
            summaries.append(summary)
        case .gatewayStarted:
            for index in summaries.indices
            where summaries[index].gateway == entry.gateway && summaries[index].state == "Open" {
                summaries[index].state = "Lost"
                summaries[index].ended = entry.record.time.text
            }
        case .statement, .outcome, .sessionEnded:
            guard let place = places[session] else { return }
            summaries[place].add(body, at: entry.record.time)
        case .configurationApplied, .databaseRole, .approval, .onBehalfOf: break
        }
    }
}

extension SessionSummary {
    fileprivate init?(_ body: AuditEvent.Body, _ entry: EvidenceArchive.Entry) {
        let session = entry.record.session == .gateway ? "" : entry.record.session.hexadecimal
        let time = entry.record.time.text
        switch body {
        case .sessionStarted(let started):
            self.init(
                session: session, gateway: entry.gateway, state: "Open", subject: started.subject.name,
                groups: started.subject.groups, proof: started.subject.proof.rawValue,
                claimedUser: started.claimedUser, connection: started.connection, database: started.database,
                applicationName: started.applicationName, clientAddress: started.clientAddress,
                clientTLS: started.clientTLS ?? "", started: time, position: entry.position,
                attributes: started.subject.attributeTexts)
        case .sessionRefused(let refusal):
            self.init(
                session: session, gateway: entry.gateway, state: "Refused", subject: "", groups: [],
                proof: "",
                claimedUser: refusal.claimedUser, connection: refusal.connection, database: "",
                applicationName: "", clientAddress: refusal.clientAddress, clientTLS: "", started: time,
                endReason: refusal.told, position: entry.position)
        case .gatewayStarted, .configurationApplied, .databaseRole, .statement, .outcome, .approval,
            .onBehalfOf, .sessionEnded:
            return nil
        }
    }

    fileprivate mutating func add(_ body: AuditEvent.Body, at time: Timestamp) {
        switch body {
        case .statement(let intent):
            statements += 1
            if intent.verdict == .refuse { refused += 1 }
            if intent.verdict == .mask { masked += 1 }
        case .outcome(let outcome):
            rows &+= Int64(clamping: outcome.rows)
            bytesOut &+= Int64(clamping: outcome.bytesOut)
            bytesIn &+= Int64(clamping: outcome.bytesIn)
        case .sessionEnded(let end):
            state = "Ended"
            ended = time.text
            endReason = end.reason
        case .gatewayStarted, .configurationApplied, .databaseRole, .sessionStarted, .sessionRefused,
            .approval, .onBehalfOf:
            break
        }
    }
}
