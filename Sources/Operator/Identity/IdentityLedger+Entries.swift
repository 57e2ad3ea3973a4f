import Identity
import Kubernetes

extension IdentityLedger {
    /// What a ledger holds, within its limits.
    struct Entries: Sendable {
        /// As JSON, in bytes: a ConfigMap takes 1 MiB. Ours: about 4,000 subjects and connections.
        static let limit = 1_000_000
        /// Of those, what one gateway has told of first. Ours: about 1,000.
        static let share = 250_000
        /// Room for one more, which has four texts of 1 KiB at most.
        private static let entryLength = 5 << 10

        private(set) var all: [Key: Entry] = [:]
        /// As JSON, in bytes, with a comma each.
        private var length = 0
        /// Of those that each gateway has told of first.
        private var lengths: [String: Int] = [:]
        /// Whether forgetting somebody has them let in again. Before that is known, it counts as if.
        var refusesUnused = true
        /// How many found no room.
        private var givenUp = 0

        init() {}

        mutating func takeGivenUp() -> Int {
            defer { givenUp = 0 }
            return givenUp
        }

        /// While there is no room, gateways tell nothing new where somebody would be forgotten for it.
        mutating func note(_ uses: [IdentityUses.Use], of gateway: String, at now: Int64) {
            for use in uses {
                let key = Key(subject: use.subject, connection: use.connection)
                let mayGrow = gateway.isEmpty || !refusesUnused || hasRoom(for: gateway)
                guard mayGrow || all[key] != nil else {
                    givenUp += 1
                    continue
                }
                var entry =
                    all[key]
                    ?? Entry(issuer: use.issuer, first: now, last: now, expiry: 0, count: 0, gateway: gateway)
                if mayGrow { (entry.issuer, entry.owner, entry.expiry) = (use.issuer, use.owner, use.expiry) }
                if gateway.isEmpty { entry.gateway = "" }
                entry.last = now
                entry.count += 1
                set(entry, for: key)
            }
            keepToLimits()
        }

        mutating func restore(_ subject: String, at now: Int64) {
            for (key, entry) in all where key.subject == subject {
                var entry = entry
                entry.last = now
                set(entry, for: key)
            }
        }

        /// The clock ran ahead and was set right: nobody was seen later than now.
        mutating func forgetFuture(at now: Int64) {
            for (key, entry) in all where entry.last > now || entry.first > now {
                var entry = entry
                (entry.first, entry.last) = (min(entry.first, now), min(entry.last, now))
                set(entry, for: key)
            }
        }

        /// With what another replica knows.
        func merged(with other: Entries) -> Entries {
            var merged = self
            for (key, theirs) in other.all {
                guard let own = all[key] else {
                    merged.set(theirs, for: key)
                    continue
                }
                var entry = own.last >= theirs.last ? own : theirs
                entry.gateway = own.first <= theirs.first ? own.gateway : theirs.gateway
                if own.gateway.isEmpty || theirs.gateway.isEmpty { entry.gateway = "" }
                entry.first = min(own.first, theirs.first)
                entry.count = max(own.count, theirs.count)
                merged.set(entry, for: key)
            }
            merged.keepToLimits()
            return merged
        }

        private mutating func set(_ entry: Entry?, for key: Key) {
            if let old = all[key] { count(-Self.length(key, old), of: old.gateway) }
            if let entry { count(Self.length(key, entry), of: entry.gateway) }
            all[key] = entry
        }

        private mutating func count(_ difference: Int, of gateway: String) {
            length += difference
            let sum = lengths[gateway, default: 0] + difference
            lengths[gateway] = sum == 0 ? nil : sum
        }

        private static func length(_ key: Key, _ entry: Entry) -> Int { json(key, entry).rendered.count + 1 }

        // MARK: - Limits

        /// Gives up what is too much: of the gateway that has told of most, and what was proved to the operator last.
        private mutating func keepToLimits() {
            guard length > Self.limit || lengths.contains(where: { !$0.key.isEmpty && $0.value > Self.share })
            else { return }
            // Each with the length of those of its gateway that are kept before it, and of itself.
            var ends: [(end: Int, key: Key)] = []
            for (gateway, entries) in Dictionary(grouping: all, by: { $0.value.gateway }) {
                var end = gateway.isEmpty ? -length : 0
                for entry in entries.sorted(by: isKeptBefore) {
                    end += Self.length(entry.key, entry.value)
                    ends.append((end, entry.key))
                }
            }
            ends.sort { $0.end > $1.end }
            for (end, key) in ends {
                guard end > Self.share || length > Self.limit else { return }
                set(nil, for: key)
                givenUp += 1
            }
        }

        private func hasRoom(for gateway: String) -> Bool {
            length <= Self.limit - Self.entryLength
                && lengths[gateway, default: 0] <= Self.share - Self.entryLength
        }

        /// Who was known first stays where it matters, else who was seen last.
        private func isKeptBefore(_ one: (key: Key, value: Entry), _ other: (key: Key, value: Entry)) -> Bool
        {
            let (left, right) = (one.value, other.value)
            if refusesUnused, left.first != right.first { return left.first < right.first }
            if !refusesUnused, left.last != right.last { return left.last > right.last }
            return (one.key.subject, one.key.connection) < (other.key.subject, other.key.connection)
        }

        /// Not even somebody who proves to the operator who they are would find room.
        var isFull: Bool { lengths["", default: 0] > Self.limit - Self.entryLength }

        // MARK: - As JSON

        /// What is later than now is of a clock that ran ahead.
        init(_ document: JSON?, at now: Int64) {
            for item in document?.array ?? [] {
                guard let subject = item["subject"]?.string, let connection = item["connection"]?.string,
                    let first = item["first"]?.integer, let last = item["last"]?.integer
                else { continue }
                let entry = Entry(
                    issuer: item["issuer"]?.string ?? "", first: min(first, now), last: min(last, now),
                    expiry: item["expiry"]?.integer ?? 0, count: item["count"]?.integer ?? 0,
                    owner: item["owner"]?.string ?? "", gateway: item["gateway"]?.string ?? "")
                set(entry, for: Key(subject: subject, connection: connection))
            }
        }

        var json: JSON {
            .array(
                all.sorted { ($0.key.subject, $0.key.connection) < ($1.key.subject, $1.key.connection) }
                    .map { Self.json($0.key, $0.value) })
        }

        private static func json(_ key: Key, _ entry: Entry) -> JSON {
            [
                "subject": .string(key.subject), "connection": .string(key.connection),
                "issuer": .string(entry.issuer), "first": .integer(entry.first),
                "last": .integer(entry.last), "expiry": .integer(entry.expiry),
                "count": .integer(entry.count), "owner": .string(entry.owner),
                "gateway": .string(entry.gateway),
            ]
        }
    }
}
