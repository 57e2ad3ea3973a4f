import Synchronization

/// What the operator has done, in Prometheus' text format, version 0.0.4.
package final class OperatorMetrics: Sendable {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package enum Counter: String, Sendable, CaseIterable {
        case reconciles = "weir_operator_reconciles_total"
        case reconcileFailures = "weir_operator_reconcile_failures_total"
        case writes = "weir_operator_writes_total"
        case watchFailures = "weir_operator_watch_failures_total"
        case tokenReviews = "weir_operator_token_reviews_total"
        case configurationsSent = "weir_operator_configurations_sent_total"
        case acknowledgements = "weir_operator_acknowledgements_total"
        case refusals = "weir_operator_refusals_total"
        case grants = "weir_operator_grants_total"
        case grantsRefused = "weir_operator_grants_refused_total"
        case staleRefusals = "weir_operator_stale_identities_refused_total"
        case signIns = "weir_operator_sign_ins_total"
        case signInsRefused = "weir_operator_sign_ins_refused_total"
        case rolloutSteps = "weir_operator_rollout_steps_total"
        case notificationsDelivered = "weir_operator_notifications_total{result=\"delivered\"}"
        case notificationsRetried = "weir_operator_notifications_total{result=\"retried\"}"
        case notificationsFailed = "weir_operator_notifications_total{result=\"failed\"}"
        case notificationsDropped = "weir_operator_notifications_total{result=\"dropped\"}"

        var help: String {
            switch self {
            case .reconciles: "Looks at a connection or policy."
            case .reconcileFailures: "Looks that failed and are tried again."
            case .writes: "Objects, statuses and events written or deleted."
            case .watchFailures: "Watches that ended with an error and were made anew."
            case .tokenReviews: "Tokens that the API server was asked about."
            case .configurationsSent: "Configurations sent to gateways."
            case .acknowledgements: "Configurations that gateways have put in force."
            case .refusals: "Configurations that gateways have refused."
            case .grants: "Grants given in exchange for tokens."
            case .grantsRefused: "Tokens that no grant was given for."
            case .staleRefusals: "Grants and sessions refused to identities long unused, or of nobody's."
            case .signIns: "People signed in by SAML."
            case .signInsRefused: "SAML responses that signed nobody in."
            case .rolloutSteps: "Pods patched, evicted or restarted."
            case .notificationsDelivered, .notificationsRetried, .notificationsFailed, .notificationsDropped:
                "Attempts to tell webhooks of requests for approval."
            }
        }
    }

    package enum Gauge: String, Sendable, CaseIterable {
        case isLeader = "weir_operator_leader"
        case isSynced = "weir_operator_synced"
        case queueDepth = "weir_operator_queue_depth"
        case streams = "weir_operator_streams"
        case replicasHeard = "weir_operator_replicas_heard"
        case forbidden = "weir_operator_forbidden"
        case staleIdentities = "weir_operator_stale_identities"
        case revocations = "weir_operator_revocations"
        case reviewsOverdue = "weir_operator_reviews_overdue"
        case rolloutHalted = "weir_operator_rollout_halted"

        var help: String {
            switch self {
            case .isLeader: "Whether this replica writes."
            case .isSynced: "Whether everything has been read once."
            case .queueDepth: "What waits to be looked at."
            case .streams: "Gateways connected to this replica."
            case .replicasHeard: "Other replicas that tell this one what gateways acknowledge."
            case .forbidden: "What the API server does not let the operator do and it must."
            case .staleIdentities: "Identities not used for longer than their connection allows."
            case .revocations: "Revocations in force."
            case .reviewsOverdue: "Statements that ran by a broken glass and were not reviewed in time."
            case .rolloutHalted: "Whether the breaker holds up all rollouts."
            }
        }
    }

    private let counters = Mutex<[Counter: UInt64]>([:])
    private let gauges = Mutex<[Gauge: Int]>([:])

    package init() {}

    package func add(_ counter: Counter, _ count: UInt64 = 1) {
        counters.withLock { $0[counter, default: 0] += count }
    }

    package func set(_ gauge: Gauge, _ value: Int) {
        gauges.withLock { $0[gauge] = value }
    }

    func change(_ gauge: Gauge, by difference: Int) {
        gauges.withLock { $0[gauge, default: 0] += difference }
    }

    package subscript(counter: Counter) -> UInt64 { counters.withLock { $0[counter] ?? 0 } }
    package subscript(gauge: Gauge) -> Int { gauges.withLock { $0[gauge] ?? 0 } }

    var exposition: String {
        var text = ""
        var family: Substring = ""
        for counter in Counter.allCases {
            let name = counter.rawValue.prefix { $0 != "{" }
            if name != family { text += Self.head(name, "counter", counter.help) }
            family = name
            text += "\(counter.rawValue) \(self[counter])\n"
        }
        for gauge in Gauge.allCases {
            text += Self.head(gauge.rawValue, "gauge", gauge.help)
            text += "\(gauge.rawValue) \(self[gauge])\n"
        }
        return text
    }

    /// Once for all values of a name, whatever their labels.
    private static func head(_ name: some StringProtocol, _ type: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
}
