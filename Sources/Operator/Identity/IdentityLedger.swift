import API
import Identity
import Kubernetes
import Logging
import Synchronization

/// Who was given grants or had sessions, for which connection, first and last: in memory, and written down now and then.
final class IdentityLedger: Sendable {
    /// Subjects and connections kept; beyond it those seen longest ago are forgotten. Ours: about 800 KB of text.
    static let limit = 4000
    /// How often it is written at most, in seconds.
    private static let writeInterval: Int64 = 30

    struct Key: Hashable, Sendable {
        var subject: String
        /// `namespace/name`.
        var connection: String
    }

    struct Entry: Sendable, Equatable {
        var issuer: String
        /// Seconds since 1970, all of them.
        var first: Int64
        var last: Int64
        /// Of the last grant or token.
        var expiry: Int64
        /// How often there was a grant, or sessions were told of.
        var count: Int64
        /// Who answers for it; empty for people, who do themselves, and for workloads of nobody's.
        var owner = ""

        /// No issuer has said who it is: the operator attests it.
        var isWorkload: Bool { issuer.isEmpty }
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var isRead = false
        var isChanged = false
        var written: Int64 = 0
    }

    private let stored: StoredDocument
    private let logger: Logger
    private let state = Mutex(State())

    init(_ stored: StoredDocument, logger: Logger) {
        self.stored = stored
        self.logger = logger
    }

    var entries: [Key: Entry] { state.withLock(\.entries) }

    /// `nil` while it has not been read: then it cannot be told who was seen when.
    func lastUse(of subject: String) -> Int64?? {
        state.withLock { state in
            guard state.isRead else { return nil }
            return .some(state.entries.filter { $0.key.subject == subject }.map(\.value.last).max())
        }
    }

    /// Those last used before a moment, with that of their last use.
    func lastUses(before moment: Int64) -> [String: Int64] {
        let uses = state.withLock { $0.entries.map { ($0.key.subject, $0.value.last) } }
        return Dictionary(uses, uniquingKeysWith: max).filter { $0.value < moment }
    }

    func note(_ grant: SessionGrant, at now: Int64) {
        note(
            IdentityUses.Use(
                subject: grant.subject.name, connection: grant.connection, issuer: grant.evidence.issuer,
                owner: grant.subject.owner ?? "", expiry: grant.evidence.expiry), at: now)
    }

    func note(_ use: IdentityUses.Use, at now: Int64) {
        let key = Key(subject: use.subject, connection: use.connection)
        state.withLock { state in
            var entry =
                state.entries[key] ?? Entry(issuer: use.issuer, first: now, last: now, expiry: 0, count: 0)
            (entry.issuer, entry.owner, entry.last, entry.expiry) = (use.issuer, use.owner, now, use.expiry)
            entry.count += 1
            state.entries[key] = entry
            state.isChanged = true
        }
    }

    /// Somebody vouches for the subject: it is as if it had been seen now.
    func restore(_ subject: String, at now: Int64) {
        state.withLock { state in
            for key in state.entries.keys where key.subject == subject { state.entries[key]?.last = now }
            state.isChanged = true
        }
    }

    /// Reads it for the first time, and writes what has changed, when it is time to.
    func write(at now: Int64) async {
        let (isRead, isDue) = state.withLock {
            ($0.isRead, $0.isChanged && now - $0.written >= Self.writeInterval)
        }
        guard !isRead || isDue else { return }
        do {
            let own = entries
            let document =
                isDue
                ? try await stored.change { Self.json(Self.merged(Self.entries($0), own)) }
                : try await stored.read()
            state.withLock { state in
                state.entries = Self.merged(Self.entries(document), state.entries)
                state.isRead = true
                guard isDue else { return }
                state.written = now
                state.isChanged =
                    state.entries.count != own.count || state.entries != Self.merged(own, state.entries)
            }
        } catch {
            logger.warning("the list of identities is not written", metadata: ["error": "\(error)"])
        }
    }

    private static func merged(_ left: [Key: Entry], _ right: [Key: Entry]) -> [Key: Entry] {
        let all = left.merging(right) { one, other in
            var later = one.last >= other.last ? one : other
            later.first = min(one.first, other.first)
            later.count = max(one.count, other.count)
            return later
        }
        guard all.count > limit else { return all }
        let kept = all.sorted { $0.value.last > $1.value.last }.prefix(limit)
        return Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }

    private static func json(_ entries: [Key: Entry]) -> JSON {
        .array(
            entries.sorted { ($0.key.subject, $0.key.connection) < ($1.key.subject, $1.key.connection) }.map {
                key, entry in
                [
                    "subject": .string(key.subject), "connection": .string(key.connection),
                    "issuer": .string(entry.issuer), "first": .integer(entry.first),
                    "last": .integer(entry.last), "expiry": .integer(entry.expiry),
                    "count": .integer(entry.count), "owner": .string(entry.owner),
                ]
            })
    }

    private static func entries(_ document: JSON?) -> [Key: Entry] {
        var entries: [Key: Entry] = [:]
        for item in document?.array ?? [] {
            guard let subject = item["subject"]?.string, let connection = item["connection"]?.string,
                let first = item["first"]?.integer, let last = item["last"]?.integer
            else { continue }
            entries[Key(subject: subject, connection: connection)] = Entry(
                issuer: item["issuer"]?.string ?? "", first: first, last: last,
                expiry: item["expiry"]?.integer ?? 0, count: item["count"]?.integer ?? 0,
                owner: item["owner"]?.string ?? "")
        }
        return entries
    }
}
