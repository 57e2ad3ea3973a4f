import API
import Audit

extension EvidenceStore {
    /// Brings the row of the session up to date with one of its records. Within ``change(_:)``.
    func summarize(
        _ body: AuditEvent.Body, session: [UInt8]?, gateway: Int64, time: Timestamp
    ) throws(StoreError) {
        let now = Database.Value.integer(time.microsecondsSinceEpoch)
        switch body {
        case .sessionStarted(let started):
            guard let session else { return }
            try insert(
                session: .blob(session), gateway: gateway, time: now, state: "Open",
                subject: started.subject.name, groups: started.subject.groups.joined(separator: "\n"),
                proof: started.subject.proof.rawValue, claimedUser: started.claimedUser,
                connection: started.connection, database: started.database,
                applicationName: started.applicationName, clientAddress: started.clientAddress,
                clientTLS: started.clientTLS ?? "", attributes: started.subject.attributeTexts)
        case .sessionRefused(let refusal):
            try insert(
                session: session.map(Database.Value.blob) ?? .null, gateway: gateway, time: now,
                state: "Refused", subject: "", claimedUser: refusal.claimedUser,
                connection: refusal.connection, clientAddress: refusal.clientAddress,
                endReason: refusal.told)
        case .statement(let intent):
            try update(
                session, of: gateway,
                "statements = statements + 1, refused = refused + ?2, masked = masked + ?3",
                [.integer(intent.verdict == .refuse ? 1 : 0), .integer(intent.verdict == .mask ? 1 : 0)])
        case .outcome(let outcome):
            try update(
                session, of: gateway,
                "rows = rows + ?2, bytes_out = bytes_out + ?3, bytes_in = bytes_in + ?4",
                [
                    .integer(Self.bounded(outcome.rows)), .integer(Self.bounded(outcome.bytesOut)),
                    .integer(Self.bounded(outcome.bytesIn)),
                ])
        case .sessionEnded(let end):
            try update(
                session, of: gateway, "ended = ?2, end_reason = ?3, state = 'Ended'",
                [now, .text(end.reason)])
        case .gatewayStarted:
            // The gateway before this one did not live to end its sessions.
            try database.run(
                "UPDATE sessions SET state = 'Lost', ended = ? WHERE gateway = ? AND state = 'Open'",
                [now, .integer(gateway)])
        case .configurationApplied, .databaseRole, .approval, .onBehalfOf: break
        }
    }

    /// Sums of these stay within SQLite's integers however many statements a session has.
    private static func bounded(_ count: UInt64) -> Int64 { Int64(min(count, 1 << 40)) }

    private func insert(
        session: Database.Value, gateway: Int64, time: Database.Value, state: String, subject: String,
        groups: String = "", proof: String = "", claimedUser: String, connection: String,
        database name: String = "", applicationName: String = "", clientAddress: String,
        clientTLS: String = "", endReason: String = "",
        attributes: [String] = []
    ) throws(StoreError) {
        // A session identifier that comes a second time changes nothing: the records tell what happened.
        try database.run(
            """
            INSERT OR IGNORE INTO sessions (session, gateway, position, started, state, subject, groups, proof,
                claimed_user, connection, database, application_name, client_address, client_tls, end_reason,
                attributes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                session, .integer(gateway), .integer(Int64(size)), time, .text(state), .text(subject),
                .text(groups), .text(proof), .text(claimedUser), .text(connection), .text(name),
                .text(applicationName), .text(clientAddress), .text(clientTLS), .text(endReason),
                .text(attributes.joined(separator: "\n")),
            ])
    }

    private func update(
        _ session: [UInt8]?, of gateway: Int64, _ assignments: String, _ values: [Database.Value]
    ) throws(StoreError) {
        guard let session else { return }
        // The last parameter has the number after those of the assignments.
        try database.run(
            "UPDATE sessions SET \(assignments) WHERE session = ?1 AND gateway = ?",
            [.blob(session)] + values + [.integer(gateway)])
    }
}
