import API
import Manifests

/// The gateway's part in the configuration stream: when to connect, what to take from it, what to answer.
struct StreamMachine {
    enum Event: Equatable {
        /// Time to connect.
        case due
        /// The operator answered with this status.
        case answered(status: Int)
        case received(ConfigurationMessage)
        /// What was to be applied is in force, or is not for these faults.
        case settled(revision: String, faults: [String])
        /// No connection, or none any more; also when it was silent for too long.
        case ended(reason: String)
    }

    enum Action: Equatable {
        case connect
        /// Configurations may come.
        case opened
        case attest(AttestedWorkload)
        case answer(ApprovalAnswer)
        /// The statement of that question is not to run: what was answered cannot be read.
        case refuse(id: String, reason: String)
        /// The operator refuses the pod.
        case disown
        /// What tokens are verified by has changed.
        case authorize(line: [UInt8])
        /// It is still what the operator says.
        case confirm(revision: String)
        case apply(revision: String, manifests: ManifestNode)
        case acknowledge(revision: String, faults: [String])
        /// There is no stream, or none any more.
        case lost
        /// The first failure of several in a row.
        case tell(reason: String)
        /// Ends the connection.
        case close
        case wait(Duration)
    }

    /// Longest silence; heartbeats come every 15 s.
    static let silenceLimit = Duration.seconds(40)
    /// Between two attempts, in seconds: at random, so that the gateways do not all come back to a new operator at once.
    static let retryDelay = (least: 1.0, most: 30.0)
    /// The same for the first attempts of a gateway: its first clients wait, and the operator may not know the pod yet.
    static let firstRetryDelay = (least: 0.25, most: 1.0)
    /// How many those are.
    static let firstAttemptCount = 10

    private enum State: Equatable {
        case idle
        case connecting
        case open
    }

    /// Of the pod, as the gateway was told.
    private let namespace: String
    private var state = State.idle
    private var hasToldFailure = false
    /// Attempts there were, until one succeeded.
    private var attemptCount = 0

    init(namespace: String) {
        self.namespace = namespace
    }

    /// What to do about an event, in order; `chance` is from 0 to 1, at random.
    mutating func receive(_ event: Event, chance: Double) -> [Action] {
        switch (state, event) {
        case (.idle, .due):
            state = .connecting
            attemptCount += 1
            return [.connect]
        case (.connecting, .answered(status: 200)):
            state = .open
            hasToldFailure = false
            attemptCount = Self.firstAttemptCount
            return [.opened]
        case (.connecting, .answered(let status)):
            // Of a pod that is gone, the token is no token any more.
            return (status == 401 ? [.disown] : []) + [.close] + end(Self.reason(of: status), chance)
        case (.open, .received(let message)):
            return take(message, chance)
        case (.open, .settled(let revision, let faults)):
            return [.acknowledge(revision: revision, faults: faults)]
        case (.connecting, .ended(let reason)), (.open, .ended(let reason)):
            return end(reason, chance)
        case (.idle, _), (.connecting, .due), (.connecting, .received), (.connecting, .settled),
            (.open, .due),
            (.open, .answered):
            return []  // about a connection that is gone
        }
    }

    private mutating func take(_ message: ConfigurationMessage, _ chance: Double) -> [Action] {
        switch message {
        case .workload(let workload):
            guard workload.namespace == namespace else {
                let reason = "the operator takes this pod for one of namespace \(workload.namespace)"
                return [.close] + end(reason, chance)
            }
            return [.attest(workload)]
        case .configuration(let revision, let manifests):
            return [.apply(revision: revision, manifests: manifests)]
        case .approval(let answer):
            return [.answer(answer)]
        case .unreadableApproval(let id, let reason):
            return [.refuse(id: id, reason: reason)]
        case .authority(let line):
            return [.authorize(line: line)]
        case .authorityCurrent(let revision):
            return [.confirm(revision: revision)]
        case .heartbeat, .unknown:
            return []
        }
    }

    private mutating func end(_ reason: String, _ chance: Double) -> [Action] {
        state = .idle
        let tells: [Action] = hasToldFailure ? [] : [.tell(reason: reason)]
        hasToldFailure = true
        let delay = attemptCount < Self.firstAttemptCount ? Self.firstRetryDelay : Self.retryDelay
        let seconds = delay.least + (delay.most - delay.least) * chance
        return [.lost] + tells + [.wait(.milliseconds(Int64(seconds * 1000)))]
    }

    private static func reason(of status: Int) -> String {
        switch status {
        case 401: "401: the operator refuses this pod's token"
        case 403: "403: no DatabaseConnection selects this pod, or the operator does not know it yet"
        case 503: "503: the operator is not ready"
        default: "the operator answered with status \(status)"
        }
    }
}
