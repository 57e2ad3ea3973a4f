import Manifests

/// Which configuration counts: the operator's stream while it is there, the folder at the start and once the stream has
/// been away for a while. And how long nobody has confirmed what is in force.
struct ConfigurationPrecedence {
    typealias Instant = ContinuousClock.Instant

    /// How long the stream must be away before a changed snapshot counts. Kubelets bring a ConfigMap up to date within
    /// their sync period and their cache's, a minute each: before that, the snapshot may be older than what the stream
    /// brought last.
    static let snapshotDelay = Duration.seconds(120)

    private let hasOperator: Bool
    /// Revision of what is in force.
    private var inForce: String
    /// What the folder held when it was last read.
    private var folder: ManifestSet
    /// What the folder held when the stream was lost.
    private var revisionAtLoss: String
    private var isConnected = false
    /// What is in force is what the operator sent last, over the connection there is.
    private var isConfirmed = false
    /// The operator was last known to want what is in force; the start, before that.
    private var confirmed: Instant
    private var lost: Instant

    /// `folder` was read at the start, and is in force. Without an operator it is all there is.
    init(startingWith folder: ManifestSet, hasOperator: Bool, at now: Instant) {
        self.folder = folder
        self.hasOperator = hasOperator
        inForce = folder.revision
        revisionAtLoss = folder.revision
        (confirmed, lost) = (now, now)
    }

    /// Since when nobody has confirmed what is in force; `nil` while somebody does.
    var unconfirmedSince: Instant? { hasOperator && !isConfirmed ? confirmed : nil }

    // MARK: - Events. Those that return a configuration want it put in force.

    mutating func folderRead(_ manifests: ManifestSet, at now: Instant) -> ManifestSet? {
        folder = manifests
        guard hasOperator else { return manifests }
        return timePassed(at: now)
    }

    mutating func streamConnected() {
        isConnected = true
    }

    /// - Returns: `nil` also for what is in force already.
    mutating func streamed(_ manifests: ManifestSet) -> ManifestSet? {
        manifests.revision == inForce ? nil : manifests
    }

    /// The operator was told that what it sent last is in force.
    mutating func streamAccepted() {
        isConfirmed = isConnected
    }

    /// What the operator sent last is not in force: what is, is not what it wants.
    mutating func streamRefused(at now: Instant) {
        if isConfirmed { confirmed = now }
        isConfirmed = false
    }

    mutating func streamLost(at now: Instant) {
        guard isConnected else { return }
        if isConfirmed { confirmed = now }
        (isConnected, isConfirmed) = (false, false)
        lost = now
        revisionAtLoss = folder.revision
    }

    mutating func timePassed(at now: Instant) -> ManifestSet? {
        guard hasOperator, !isConnected, now - lost >= Self.snapshotDelay,
            folder.revision != revisionAtLoss, folder.revision != inForce
        else { return nil }
        return folder
    }

    mutating func isInForce(_ manifests: ManifestSet) {
        inForce = manifests.revision
    }
}
