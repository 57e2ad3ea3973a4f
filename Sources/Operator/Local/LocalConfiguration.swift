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

    /// Looks until the task is cancelled; `changed` gets the rules of each configuration.
    func watch(_ changed: @Sendable ([ApprovalRule]) -> Void) async {
        var known: FolderFingerprint?
        repeat {
            let fingerprint = FolderFingerprint(of: folder)
            guard fingerprint != known else { continue }
            do {
                let manifests = try ManifestSet.load(folder: folder, namespace: namespace)
                // Read while it was written.
                guard FolderFingerprint(of: folder) == fingerprint else { continue }
                known = fingerprint
                state.withLock {
                    $0 = Current(
                        revision: manifests.revision,
                        line: StreamLine.configuration(manifests.list, revision: manifests.revision),
                        connections: manifests.connections)
                }
                changed(manifests.approvalRules)
                logger.notice(
                    "configuration read", metadata: ["revision": "\(manifests.revision.prefix(12))"])
            } catch {
                known = fingerprint
                let facts: Logger.Metadata = ["faults": "\(error)"]
                if current == nil {
                    logger.error("the manifests do not load; there are none in force", metadata: facts)
                } else {
                    logger.error("the manifests do not load; the last good ones stay", metadata: facts)
                }
            }
        } while (try? await Task.sleep(for: Self.interval)) != nil
    }
}
