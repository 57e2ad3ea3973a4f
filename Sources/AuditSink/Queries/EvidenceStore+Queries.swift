package import API
import Audit
import Cryptography

extension EvidenceStore {
    /// Newest first.
    package func sessions(_ filter: SessionFilter) throws(StoreError) -> [SessionSummary] {
        try summaries(
            "WHERE (?1 IS NULL OR subject = ?1) AND started >= ?2 ORDER BY started DESC, sessions.id DESC LIMIT ?3",
            [
                filter.subject.map(Database.Value.text) ?? .null,
                .integer(filter.since?.microsecondsSinceEpoch ?? 0), .integer(Int64(filter.limit)),
            ])
    }

    package func session(_ session: SessionID) throws(StoreError) -> SessionSummary? {
        try summaries("WHERE session = ?", [.blob(session.bytes)]).first
    }

    /// Records from `position` on, at most through position `end` - 1; of one session, or of all.
    package func records(
        from position: UInt64, to end: UInt64 = .max, session: SessionID? = nil
    ) throws(StoreError) -> RecordPage {
        var page = RecordPage(entries: [], next: nil)
        var length = 0
        let condition = session == nil ? "" : "AND session = ?4"
        try database.run(
            """
            SELECT position, name, line FROM records JOIN gateways ON gateways.id = records.gateway
            WHERE position >= ?1 AND position < ?2 \(condition) ORDER BY position LIMIT ?3
            """,
            [
                .integer(Int64(clamping: position)), .integer(Int64(clamping: end)),
                .integer(Int64(RecordPage.maximumCount)),
            ] + (session.map { [.blob($0.bytes)] } ?? [])
        ) { row throws(StoreError) in
            guard length < RecordPage.maximumLength else { return }
            let line = row.blob(2)
            length += line.count
            page.entries.append(
                RecordPage.Entry(position: UInt64(clamping: row.integer(0)), gateway: row.text(1), line: line)
            )
        }
        if length >= RecordPage.maximumLength || page.entries.count == RecordPage.maximumCount {
            page.next = page.entries.last.map { $0.position + 1 }
        }
        return page
    }

    /// The last acknowledged sequence number and key of each gateway, by name, or of the one that has it.
    package func gateways(
        named name: String? = nil
    ) throws(StoreError) -> [(name: String, acknowledged: UInt64, key: [UInt8])] {
        var gateways: [(name: String, acknowledged: UInt64, key: [UInt8])] = []
        let values: [Database.Value] = name.map { [.text($0)] } ?? []
        try database.run(
            """
            SELECT name, last_sequence, key FROM gateways
            WHERE id > 1 \(values.isEmpty ? "" : "AND name = ?") ORDER BY name
            """, values
        ) { row throws(StoreError) in
            gateways.append((row.text(0), UInt64(clamping: row.integer(1)), row.blob(2)))
        }
        return gateways
    }

    /// Notes in the log who read what, before it is handed out.
    package func recordRead(
        by reader: String, of what: String, filter: String, count: Int, at now: Int64
    ) throws(StoreError) {
        try change { () throws(StoreError) in
            try record(
                .evidenceRead(reader: reader, what: what, filter: filter, records: UInt64(count)), at: now)
        }
    }

    private func summaries(
        _ condition: String, _ values: [Database.Value]
    ) throws(StoreError) -> [SessionSummary] {
        var summaries: [SessionSummary] = []
        try database.run(
            """
            SELECT session, name, state, subject, groups, proof, claimed_user, connection, database,
                application_name, client_address, client_tls, started, ended, end_reason, statements, refused,
                masked, rows, bytes_out, bytes_in, position, attributes
            FROM sessions JOIN gateways ON gateways.id = sessions.gateway \(condition)
            """, values
        ) { row throws(StoreError) in summaries.append(SessionSummary(row)) }
        return summaries
    }
}

extension SessionSummary {
    fileprivate init(_ row: borrowing Database.Row) {
        func time(_ column: Int32) -> String {
            Timestamp(microsecondsSinceEpoch: row.integer(column)).text
        }
        self.init(
            session: Hexadecimal.encode(row.blob(0)), gateway: row.text(1), state: row.text(2),
            subject: row.text(3),
            groups: row.text(4).split(separator: "\n").map(String.init), proof: row.text(5),
            claimedUser: row.text(6), connection: row.text(7), database: row.text(8),
            applicationName: row.text(9), clientAddress: row.text(10), clientTLS: row.text(11),
            started: time(12), ended: row.isNull(13) ? nil : time(13), endReason: row.text(14),
            statements: row.integer(15), refused: row.integer(16), masked: row.integer(17),
            rows: row.integer(18), bytesOut: row.integer(19), bytesIn: row.integer(20),
            position: UInt64(clamping: row.integer(21)),
            attributes: row.text(22).split(separator: "\n").map(String.init))
    }
}
