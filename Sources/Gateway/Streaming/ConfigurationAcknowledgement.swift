import Manifests

/// What the operator is told of a configuration: in force, or why not.
struct ConfigurationAcknowledgement: Equatable {
    /// Most faults told. Ours.
    static let maximumFaults = 20
    /// Longest text of a fault, in characters. Ours.
    static let maximumFaultLength = 500

    var revision: String
    var faults: [String]

    /// JSON (RFC 8259).
    var body: [UInt8] {
        guard !faults.isEmpty else {
            return JSONText.object(["revision": .string(revision), "accepted": .bool(true)]).bytes
        }
        let told = faults.prefix(Self.maximumFaults).map { String($0.prefix(Self.maximumFaultLength)) }
        return JSONText.object([
            "revision": .string(revision), "accepted": .bool(false), "faults": .strings(told),
        ]).bytes
    }
}
