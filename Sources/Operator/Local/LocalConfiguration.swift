import API
import Logging
import Manifests
import Synchronization

/// A folder of manifests as gateways are told of it, kept up to date.
final class LocalConfiguration: Sendable {
    /// How often the folder is looked at.
    private static let interval = Duration.milliseconds(250)

    struct Current: Sendable {
        var revision: String
        /// Of the stream.
        var line: [UInt8]
        var connections: [DatabaseConnection]
    }

    private let folder: String
    private let namespace: String
    private let logger: Logger
    private let state = Mutex<Current?>(nil)

    init(folder: String, namespace: String, logger: Logger) {
        self.folder = folder
        self.namespace = namespace
        self.logger = logger
    }

    /// The last that could be read.
    var current: Current? { state.withLock { $0 } }

    /// Reads the folder if it is not as it was `known`; `changed` gets the rules.
    /// - Returns: how it is known now: as before where it was written meanwhile.
    func read(
        after known: FolderFingerprint? = nil, _ changed: ([ApprovalRule]) -> Void
    ) -> FolderFingerprint? {
        let fingerprint = FolderFingerprint(of: folder)
        guard fingerprint != known else { return known }
        do {
            let manifests = try ManifestSet.load(folder: folder, namespace: namespace)
            guard FolderFingerprint(of: folder) == fingerprint else { return known }
            state.withLock {
                $0 = Current(
                    revision: manifests.revision,
                    line: StreamLine.configuration(manifests.list, revision: manifests.revision),
                    connections: manifests.connections)
            }
            changed(manifests.approvalRules)
            logger.notice("configuration read", metadata: ["revision": "\(manifests.revision.prefix(12))"])
        } catch {
            let facts: Logger.Metadata = ["faults": "\(error)"]
            if current == nil {
                logger.error("the manifests do not load; there are none in force", metadata: facts)
            } else {
                logger.error("the manifests do not load; the last good ones stay", metadata: facts)
            }
        }
        return fingerprint
    }

    /// Looks until the task is cancelled; `changed` gets the rules of each configuration.
    func watch(since read: FolderFingerprint?, _ changed: @Sendable ([ApprovalRule]) -> Void) async {
        var known = read
        while (try? await Task.sleep(for: Self.interval)) != nil {
            known = self.read(after: known, changed)
        }
    }
}
