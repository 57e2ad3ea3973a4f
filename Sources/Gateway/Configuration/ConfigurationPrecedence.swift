import Manifests

/// Which configuration counts: the operator's stream while it is there, what it brought last at the start and for a while
/// after, then the folder. And how long nobody has confirmed what is in force.
struct ConfigurationPrecedence {
    typealias Instant = ContinuousClock.Instant

    /// How long the stream must be away before a changed snapshot counts. Kubelets bring a ConfigMap up to date within
    /// their sync period and their cache's, a minute each: before that, the snapshot may be older than what the stream
    /// brought last.
    static let snapshotDelay = Duration.seconds(120)

    let hasOperator: Bool
    /// Counts until something else does.
    private let start: ManifestSet
    /// That is what a gateway before had in force.
    let goesOn: Bool
    private var inForce: ManifestSet?
    /// What the folder held when it was last read; `nil`: nothing that could be.
    private var folder: ManifestSet?
    /// What the folder held when the stream was lost.
    private var revisionAtLoss: String?
    private var isConnected = false
    /// What is in force is what the operator sent last, over the connection there is.
    private var isConfirmed = false
    /// The operator was last known to want what is in force; the start, before that.
    private var confirmed: Instant
    private var lost: Instant

    /// With nothing but the folder. Without an operator it is all there is.
    init(startingWith folder: ManifestSet, hasOperator: Bool, at now: Instant) {
        (start, goesOn) = (folder, false)
        self.folder = folder
        self.hasOperator = hasOperator
        revisionAtLoss = folder.revision
        (confirmed, lost) = (now, now)
    }

    /// After a gateway that ended: as if it had only lost its stream then.
    init(goingOnWith kept: KeptConfiguration.Confirmed, folder: ManifestSet?, at now: Instant) {
        self.folder = folder
        hasOperator = true
        revisionAtLoss = kept.snapshot
        confirmed = now - kept.age
        // It may have been confirmed for so much longer, without that being written down.
        lost = confirmed + .seconds(KeptConfiguration.noteInterval)
        (start, goesOn) = (kept.manifests, true)
    }

    /// Since when nobody has confirmed what is in force; `nil` while somebody does.
    var unconfirmedSince: Instant? { hasOperator && !isConfirmed ? confirmed : nil }

    /// What a gateway that begins anew is to know; `nil` while nobody confirms it.
    var keeping: (manifests: ManifestSet, snapshot: String?)? {
        guard isConfirmed, let inForce else { return nil }
        return (inForce, folder?.revision)
    }

    /// What is to be put in force before anything else has happened.
    func first(at now: Instant) -> ManifestSet { newerSnapshot(at: now) ?? start }

    // MARK: - Events. Those that return a configuration want it put in force.

    mutating func folderRead(_ manifests: ManifestSet, at now: Instant) -> ManifestSet? {
        folder = manifests
        guard hasOperator else { return manifests }
        return newerSnapshot(at: now)
    }

    /// Of a folder that is all there is, what it held before is not wanted any more.
    mutating func folderUnreadable() {
        if !hasOperator { folder = nil }
    }

    mutating func streamConnected() {
        isConnected = true
    }

    /// - Returns: `nil` also for what is in force already.
    mutating func streamed(_ manifests: ManifestSet) -> ManifestSet? {
        manifests.revision == inForce?.revision ? nil : manifests
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
        revisionAtLoss = folder?.revision
    }

    mutating func isInForce(_ manifests: ManifestSet) {
        inForce = manifests
    }

    /// What the folder holds and is not in force: at any time where it is all there is, otherwise once the stream has been
    /// away for so long that it is newer than what that brought last.
    func newerSnapshot(at now: Instant) -> ManifestSet? {
        guard let folder, folder.revision != inForce?.revision else { return nil }
        guard hasOperator else { return folder }
        guard !isConnected, now - lost >= Self.snapshotDelay, folder.revision != revisionAtLoss else {
            return nil
        }
        return folder
    }
}
