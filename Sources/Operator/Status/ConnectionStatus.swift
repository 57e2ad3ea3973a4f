import API
import Admission
import Kubernetes
import Policy

/// What is observed of a connection, and the status that says so.
package struct ConnectionStatus: Sendable, Equatable {
    package var attachment: Attachment
    package var counts: PodCounts
    /// Of what gateways are to be told; `nil` when that is not known.
    package var revision: String?
    /// Of what cannot be made for it; each a sentence.
    package var faults: [String]
    /// Connections that take its port or socket in a pod, each with what they take.
    package var conflicts: [String]
    /// What gateways that refused their configuration said.
    package var refusals: [String]

    package init(
        _ attachment: Attachment, counts: PodCounts = PodCounts(), revision: String? = nil,
        faults: [String] = [], conflicts: [String] = [], refusals: [String] = []
    ) {
        self.attachment = attachment
        self.counts = counts
        self.revision = revision
        self.faults = faults
        self.conflicts = conflicts
        self.refusals = refusals
    }

    /// Policies told at most: what the schema takes.
    private static let maximumPolicies = 1000

    package var document: StatusDocument {
        var fields: JSON = ["pods": counts.json]
        fields["configRevision"] = revision.map { .string($0) }
        fields["policies"] = .array(
            attachment.policies.prefix(Self.maximumPolicies).map { policy in
                [
                    "kind": .string(policy.kind.rawValue), "namespace": .string(policy.key.namespace),
                    "name": .string(policy.key.name), "mode": .string(policy.mode.rawValue),
                ]
            })
        return StatusDocument(
            generation: attachment.connection.generation, conditions: conditions, fields: fields)
    }

    /// `Ready`, and while it is not: `Stalled` when a person has to act, `Reconciling` when it takes time. Beside them
    /// `Overlapping` while policies want the same columns hidden in different ways.
    package var conditions: [Condition] {
        let overlaps = attachment.overlaps
        guard !overlaps.isEmpty else { return readiness }
        let message = overlaps.map(\.description).joined(separator: "; ")
        return readiness + [Condition("Overlapping", .isTrue, reason: "StrictestHolds", message: message)]
    }

    private var readiness: [Condition] {
        if let (reason, message) = stalled {
            return [
                Condition("Ready", .isFalse, reason: reason, message: message),
                Condition("Stalled", .isTrue, reason: reason, message: message),
            ]
        }
        if let (reason, message) = pending {
            return [
                Condition("Ready", .isFalse, reason: reason, message: message),
                Condition("Reconciling", .isTrue, reason: reason, message: message),
            ]
        }
        let pods = counts.injected == 1 ? "1 gateway" : "\(counts.injected) gateways"
        return [Condition("Ready", .isTrue, reason: "InForce", message: "in force in \(pods)")]
    }

    private var stalled: (reason: String, message: String)? {
        if !attachment.connection.faults.isEmpty {
            return ("Invalid", attachment.connection.faults.joined(separator: "; "))
        }
        if !attachment.obstacles.isEmpty {
            let list = attachment.obstacles.map(\.description).joined(separator: "; ")
            return ("PolicyInvalid", "gateways keep what they have until this can be read: \(list)")
        }
        if let obstacle = attachment.bound?.obstacle {
            return ("NotServed", "no gateway serves it: \(obstacle)")
        }
        if !faults.isEmpty { return ("CannotRender", faults.joined(separator: "; ")) }
        if !conflicts.isEmpty { return ("Conflict", conflicts.joined(separator: "; ")) }
        if !refusals.isEmpty { return ("Refused", refusals.joined(separator: "; ")) }
        if counts.unreachable > 0 {
            return (
                "NotGoverned",
                "\(counts.unreachable) of \(counts.matched) selected pods are run by their nodes themselves, and no "
                    + "gateway can be put into them"
            )
        }
        return nil
    }

    private var pending: (reason: String, message: String)? {
        if counts.missing > 0 {
            return (
                "GatewaysMissing", "\(counts.missing) of \(counts.matched) selected pods have no gateway"
            )
        }
        if counts.acked < counts.injected {
            return (
                "ConfigurationPending",
                "\(counts.acked) of \(counts.injected) gateways have the present configuration"
            )
        }
        if counts.ready < counts.injected {
            return ("GatewaysNotReady", "\(counts.ready) of \(counts.injected) gateways are ready")
        }
        if counts.outdated > 0 {
            return (
                "GatewaysOutdated",
                "\(counts.outdated) of \(counts.injected) gateways are to be replaced by newer ones"
            )
        }
        return nil
    }
}

/// What is observed of a policy or rule.
package struct PolicyStatus: Sendable, Equatable {
    package var generation: Int64
    package var fault: String?
    package var connectionCount: Int
    /// Names that it gives and no connection has.
    package var missing: [String]

    package init(generation: Int64, fault: String?, connectionCount: Int, missing: [String] = []) {
        self.generation = generation
        self.fault = fault
        self.connectionCount = connectionCount
        self.missing = missing
    }

    package var document: StatusDocument {
        StatusDocument(
            generation: generation, conditions: conditions,
            fields: ["connections": .integer(Int64(connectionCount))])
    }

    private var conditions: [Condition] {
        if let fault {
            return [
                Condition("Ready", .isFalse, reason: "Invalid", message: fault),
                Condition("Stalled", .isTrue, reason: "Invalid", message: fault),
            ]
        }
        let connections = connectionCount == 1 ? "1 connection" : "\(connectionCount) connections"
        if !missing.isEmpty {
            let message = "it binds \(connections); there is no \(missing.joined(separator: ", "))"
            return [
                Condition("Ready", .isFalse, reason: "ConnectionsMissing", message: message),
                Condition("Reconciling", .isTrue, reason: "ConnectionsMissing", message: message),
            ]
        }
        if connectionCount == 0 {
            return [Condition("Ready", .isTrue, reason: "BindsNothing", message: "it binds no connection")]
        }
        return [Condition("Ready", .isTrue, reason: "Binding", message: "it binds \(connections)")]
    }
}
