package import Kubernetes

/// What a gateway has said of a configuration it was sent.
package struct Acknowledgement: Sendable, Equatable {
    package var revision: String
    /// Why the gateway does not put it in force; empty when it does.
    package var faults: [String]

    package init(revision: String, faults: [String] = []) {
        self.revision = revision
        self.faults = faults
    }

    /// Faults of one gateway, and characters of each, that are kept. Ours.
    static let maximumFaults = 20
    static let maximumFaultLength = 500
    /// Of a revision, in bytes; ours have 64.
    static let maximumRevisionLength = 128

    /// - Returns: `nil` for what is no acknowledgement.
    init?(_ json: JSON) {
        guard let revision = json["revision"]?.string, let isAccepted = json["accepted"]?.bool,
            !revision.isEmpty, revision.utf8.count <= Self.maximumRevisionLength
        else { return nil }
        let told = (json["faults"]?.strings ?? []).prefix(Self.maximumFaults).map {
            String($0.prefix(Self.maximumFaultLength))
        }
        self.init(revision: revision, faults: isAccepted ? [] : told.isEmpty ? ["no reason given"] : told)
    }

    var json: JSON {
        var json: JSON = ["revision": .string(revision), "accepted": .bool(faults.isEmpty)]
        if !faults.isEmpty { json["faults"] = JSON(faults) }
        return json
    }
}

/// A pod, and no other of its name.
package struct PodIdentity: Sendable, Hashable {
    package var key: ObjectKey
    package var uid: String

    package init(key: ObjectKey, uid: String) {
        self.key = key
        self.uid = uid
    }
}

/// What one replica tells another of a gateway.
package struct AcknowledgementReport: Sendable, Equatable {
    package var pod: PodIdentity
    package var acknowledgement: Acknowledgement
    /// How long ago it was heard: clocks of replicas differ.
    package var age: Duration
}

/// The last word of each gateway, whichever replica heard it. Times are since any moment.
struct AcknowledgementLog: Sendable {
    private struct Entry: Sendable {
        var pod: PodIdentity
        var acknowledgement: Acknowledgement
        var heardAt: Duration
        /// Grows with each that this replica heard itself; `nil` for what another did.
        var number: UInt64?
    }

    /// Gateways of which others' words are taken. Ours: more than pods of the largest clusters.
    static let maximumEntries = 200_000

    /// By the uid of the pod.
    private var entries: [String: Entry] = [:]
    /// Of what was heard last by this replica itself.
    private(set) var lastNumber: UInt64 = 0

    subscript(uid: String) -> Acknowledgement? { entries[uid]?.acknowledgement }

    var pods: [PodIdentity] { entries.values.map(\.pod) }

    /// A gateway has said so to this replica.
    /// - Returns: whether that is news.
    mutating func hear(_ acknowledgement: Acknowledgement, of pod: PodIdentity, at now: Duration) -> Bool {
        lastNumber += 1
        let entry = Entry(pod: pod, acknowledgement: acknowledgement, heardAt: now, number: lastNumber)
        return entries.updateValue(entry, forKey: pod.uid)?.acknowledgement != acknowledgement
    }

    /// A gateway has said so to another replica. What was heard later counts, whoever heard it.
    /// - Returns: whether that is news.
    mutating func learn(_ report: AcknowledgementReport, at now: Duration) -> Bool {
        let heardAt = now - report.age
        let known = entries[report.pod.uid]
        guard known.map({ $0.heardAt < heardAt }) ?? (entries.count < Self.maximumEntries) else {
            return false
        }
        entries[report.pod.uid] = Entry(
            pod: report.pod, acknowledgement: report.acknowledgement, heardAt: heardAt, number: nil)
        return known?.acknowledgement != report.acknowledgement
    }

    /// What this replica itself has heard since the number, all of it for 0; for the other replicas.
    func reports(after number: UInt64, at now: Duration) -> [AcknowledgementReport] {
        entries.values.filter { $0.number ?? 0 > number }.map {
            AcknowledgementReport(pod: $0.pod, acknowledgement: $0.acknowledgement, age: now - $0.heardAt)
        }
    }

    /// The pod is gone.
    mutating func forget(_ uid: String) { entries[uid] = nil }
}
