import API
import Audit

extension EvidenceStore {
    /// Incidents kept of one kind and gateway, and of one kind and all names together that no key is pinned for: who
    /// can reach the sink could otherwise fill the log with them. Kinds do not share it, as of all of them only
    /// ``SinkEvent/Incident/forked`` takes the pinned key: what others send keeps no fork out of the log.
    private static let incidentLimit: Int64 = 1000

    /// Stores what is new of a batch, if all of it continues what is stored. The same batch may be sent again.
    /// `now` is in microseconds since the epoch.
    package func ingest(
        _ batch: Batch, from gateway: String, trusting keys: TrustedKeys, at now: Int64
    ) throws(StoreError) -> IngestResult {
        let pinned = try pinnedKey(of: gateway)
        guard let key = pinned ?? batch.announcedKey(for: gateway) else { return .unknownGateway }
        if pinned == nil, !keys.permits(key, for: gateway) {
            return try refuse(
                gateway, .otherKey, 0, through: 0, "the key is not among the trusted ones", at: now)
        }
        let known = try Self.chain(of: gateway, in: database)
        let acknowledged = known?.lastSequence ?? 0
        if let fault = try overlapFault(batch, gateway: known, name: gateway, key: key) {
            return try refuse(
                gateway, fault.kind, fault.sequence, through: acknowledged, fault.detail, at: now)
        }
        let news = batch.items.filter { $0.record.sequence > acknowledged }
        guard let first = news.first?.record.sequence else { return .acknowledged(through: acknowledged) }
        guard known == nil || first == acknowledged + 1 else { return .gap(expected: acknowledged + 1) }
        let head = known?.lastHash ?? batch.items[0].announcedPrevious ?? .zero
        if let fault = chainFault(in: news, continuing: head, gateway: gateway, key: key) {
            return try refuse(
                gateway, fault.kind, fault.sequence, through: acknowledged, fault.detail, at: now)
        }
        return try change { () throws(StoreError) in
            var chain: Chain
            if let known { chain = known } else { chain = try pin(gateway, key: key, at: now) }
            for item in news { try store(item, in: chain.id) }
            if let last = news.last?.record {
                chain.lastSequence = last.sequence
                chain.lastHash = last.hash
                chain.lastTime = last.time
            }
            try save(chain)
            try record(.received(gateway: gateway, first: first, last: chain.lastSequence), at: now)
            return .acknowledged(through: chain.lastSequence)
        }
    }

    func pinnedKey(of gateway: String) throws(StoreError) -> [UInt8]? {
        var key: [UInt8]?
        try database.run("SELECT key FROM gateways WHERE name = ?", [.text(gateway)]) {
            row throws(StoreError) in
            key = row.blob(0)
        }
        return key
    }

    private func pin(_ gateway: String, key: [UInt8], at now: Int64) throws(StoreError) -> Chain {
        try database.run(
            """
            INSERT INTO gateways (name, key, first_contact, last_sequence, last_hash, last_time)
            VALUES (?, ?, ?, 0, ?, 0)
            """, [.text(gateway), .blob(key), .integer(now), .blob(Digest.zero.bytes)])
        try record(.gatewayPinned(gateway: gateway, key: key), at: now)
        guard let chain = try Self.chain(of: gateway, in: database) else {
            throw .inconsistent("\(gateway) was inserted and is not there")
        }
        return chain
    }

    private func store(_ item: Batch.Item, in gateway: Int64) throws(StoreError) {
        let session = item.record.session == .gateway ? nil : item.record.session.bytes
        if case .event(let body) = item.record.content {
            try summarize(body, session: session, gateway: gateway, time: item.record.time)
        }
        try append(
            item.line, gateway: gateway, sequence: item.record.sequence, session: session,
            hash: item.record.hash)
    }

    /// Records the incident, once, and stores nothing else.
    private func refuse(
        _ gateway: String, _ kind: SinkEvent.Incident, _ sequence: UInt64, through acknowledged: UInt64,
        _ detail: String, at now: Int64
    ) throws(StoreError) -> IngestResult {
        let key: [Database.Value] = [.text(gateway), .text(kind.rawValue), .integer(Int64(sequence))]
        let known = try database.integer(
            "SELECT count(*) FROM incidents WHERE gateway = ? AND kind = ? AND sequence = ?", key)
        let count =
            try pinnedKey(of: gateway) == nil
            ? database.integer(
                """
                SELECT count(*) FROM incidents
                WHERE kind = ? AND NOT EXISTS (SELECT 1 FROM gateways WHERE name = incidents.gateway)
                """, [.text(kind.rawValue)])
            : database.integer(
                "SELECT count(*) FROM incidents WHERE gateway = ? AND kind = ?", Array(key.prefix(2)))
        if known == 0, count < Self.incidentLimit {
            try change { () throws(StoreError) in
                try database.run(
                    "INSERT INTO incidents (gateway, kind, sequence, position) VALUES (?, ?, ?, ?)",
                    key + [.integer(Int64(size))])
                try record(
                    .incident(gateway: gateway, kind: kind, sequence: sequence, detail: detail), at: now)
            }
        }
        return .refused(kind, sequence: sequence, through: acknowledged, detail: detail)
    }
}

extension Batch {
    /// The key the first record names, if that record can begin a gateway's log here.
    fileprivate func announcedKey(for gateway: String) -> [UInt8]? {
        guard case .segment(let header)? = items.first?.record.content, header.gateway == gateway else {
            return nil
        }
        return header.key
    }
}

extension Batch.Item {
    fileprivate var announcedPrevious: Digest? {
        guard case .segment(let header) = record.content else { return nil }
        return header.previous
    }
}
