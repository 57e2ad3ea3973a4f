import API
import Identity
import Kubernetes
import Logging
import Synchronization

/// Who was given grants or had sessions, for which connection, first and last: in memory, and written down now and then.
///
/// It has limits. Where connections refuse the unused, whoever is forgotten would not be refused any more: nobody is, for
/// one whom a gateway tells of, and somebody new who asks for a grant gets none while it is full.
final class IdentityLedger: Sendable {
    /// How often it is written at most.
    private static let writeInterval = Duration.seconds(30)

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
        /// The gateway that told of it first; empty for who has proved to the operator who they are.
        var gateway = ""

        /// No issuer has said who it is: the operator attests it.
        var isWorkload: Bool { issuer.isEmpty }
    }

    private struct State {
        var entries = Entries()
        var isRead = false
        /// Grows with all that is noted.
        var changes: UInt64 = 0
        /// Those that were written.
        var writtenChanges: UInt64 = 0
        var written: ContinuousClock.Instant?
    }

    private let stored: StoredDocument
    private let logger: Logger
    private let steady: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        _ stored: StoredDocument, logger: Logger, steady: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.stored = stored
        self.logger = logger
        self.steady = steady
    }

    var entries: [Key: Entry] { state.withLock(\.entries.all) }

    /// `nil` while it cannot be told who was seen when: before it has been read, and of those not in it when it is full.
    func lastUse(of subject: String) -> Int64?? {
        state.withLock { state in
            let last = state.entries.all.filter { $0.key.subject == subject }.map(\.value.last).max()
            guard state.isRead, last != nil || !state.entries.isFull else { return nil }
            return .some(last)
        }
    }

    /// Those last used before a moment, with that of their last use.
    func lastUses(before moment: Int64) -> [String: Int64] {
        let uses = entries.map { ($0.key.subject, $0.value.last) }
        return Dictionary(uses, uniquingKeysWith: max).filter { $0.value < moment }
    }

    func note(_ grant: SessionGrant, at now: Int64) {
        let use = IdentityUses.Use(
            subject: grant.subject.name, connection: grant.connection, issuer: grant.evidence.issuer,
            owner: grant.subject.owner ?? "", expiry: grant.evidence.expiry)
        note([use], of: "", at: now)
    }

    /// What a gateway has told; empty: what was proved to the operator.
    func note(_ uses: [IdentityUses.Use], of gateway: String, at now: Int64) {
        guard !uses.isEmpty else { return }
        state.withLock { state in
            state.entries.note(uses, of: gateway, at: now)
            state.changes += 1
        }
    }

    /// Somebody vouches for the subject: it is as if it had been seen now.
    func restore(_ subject: String, at now: Int64) {
        state.withLock { state in
            state.entries.restore(subject, at: now)
            state.changes += 1
        }
    }

    /// Reads it for the first time, and writes what has changed, when it is time to. `refusingUnused` says whether some
    /// connection refuses identities that were not used for long.
    func write(at now: Int64, refusingUnused: Bool) async {
        let (own, isRead, changes, isDue) = state.withLock { state in
            state.entries.refusesUnused = refusingUnused
            state.entries.forgetFuture(at: now)
            let isOldEnough = state.written.map { steady() - $0 >= Self.writeInterval } ?? true
            return (
                state.entries, state.isRead, state.changes,
                state.changes != state.writtenChanges && isOldEnough
            )
        }
        guard !isRead || isDue else { return }
        do {
            let document =
                isDue
                ? try await stored.change { own.merged(with: Entries($0, at: now)).json }
                : try await stored.read()
            let givenUp = state.withLock { state in
                state.entries = state.entries.merged(with: Entries(document, at: now))
                state.isRead = true
                guard isDue else { return 0 }
                (state.written, state.writtenChanges) = (steady(), changes)
                return state.entries.takeGivenUp()
            }
            if givenUp > 0 {
                logger.warning("the list of identities is full", metadata: ["leftOut": "\(givenUp)"])
            }
        } catch {
            logger.warning("the list of identities is not written", metadata: ["error": "\(error)"])
        }
    }
}
