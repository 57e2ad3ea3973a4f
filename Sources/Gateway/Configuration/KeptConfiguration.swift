import Identity
import Manifests

/// What the operator confirmed last, in the data folder: a container that begins anew goes on with it, for the snapshot
/// that its kubelet has mounted may be older.
struct KeptConfiguration {
    /// How often it is written down that it is still confirmed, in seconds.
    static let noteInterval: Int64 = 60
    /// How far ahead of the clock a time may lie that counts as now, in seconds: clocks are put right by a little all
    /// the time. Ours.
    static let clockTolerance: Int64 = 60
    /// The age of what was confirmed at a time that is still to come: longer than any `maxStaleness`, which has 720h.
    static let unknownAge = Duration.seconds(366 * 86_400)
    private static let fileName = "configuration"

    /// As it is found at a start.
    struct Confirmed: Equatable {
        var manifests: ManifestSet
        /// Revision of the snapshot there was then; `nil`: none that could be read.
        var snapshot: String?
        /// Since it was confirmed, at the most.
        var age: Duration
    }

    /// Its first line is when it was confirmed, in seconds since 1970, its second the snapshot's revision, and the rest the
    /// objects as a `v1` `List`.
    private let file: PrivateFile
    private var noted: (revision: String, snapshot: String?, time: Int64)?

    init(data: String) {
        file = PrivateFile(path: "\(data)/\(Self.fileName)")
    }

    /// The operator confirms what is in force; `now` is in seconds since 1970.
    /// - Returns: whether it is kept.
    mutating func note(_ manifests: ManifestSet, snapshot: String?, at now: Int64) -> Bool {
        if let noted, noted.revision == manifests.revision, noted.snapshot == snapshot,
            (0..<Self.noteInterval).contains(now - noted.time)
        {
            return true
        }
        guard file.write(Array("\(now)\n\(snapshot ?? "")\n".utf8) + manifests.list) else { return false }
        noted = (manifests.revision, snapshot, now)
        return true
    }

    /// - Returns: `nil` when nothing is kept, or nothing that this gateway can serve.
    func confirmed(for configuration: GatewayConfiguration, at now: Int64) -> Confirmed? {
        guard let content = file.read() else { return nil }
        let parts = content.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let time = Int64(String(decoding: parts[0], as: UTF8.self)),
            time >= 0
        else { return nil }
        let list = ManifestFile(path: file.path, bytes: Array(parts[2]))
        guard
            let manifests = try? ManifestSet.read(
                [list], namespace: configuration.namespace, connections: configuration.connections,
                origin: .rendered),
            (try? GatewayFault.check(manifests, for: configuration)) != nil
        else { return nil }
        let snapshot = String(decoding: parts[1], as: UTF8.self)
        return Confirmed(
            manifests: manifests, snapshot: snapshot.isEmpty ? nil : snapshot,
            age: Self.age(of: time, at: now))
    }

    /// A clock that was wrong, then or now, does not let it begin anew with every start.
    private static func age(of time: Int64, at now: Int64) -> Duration {
        guard time - now <= clockTolerance else { return unknownAge }
        return .seconds(max(0, now - time))
    }
}
