import API
import Logging
import Manifests
import NIOCore
import Networking

/// Puts configurations in force, one after the other, whichever source they come from.
actor ConfigurationIntake {
    private var precedence: ConfigurationPrecedence
    private let serving: NIOLoopBound<Serving>
    private let loop: any EventLoop
    private let logger: Logger
    /// The last that was begun.
    private var turn: Task<Void, any Error>?

    init(
        startingWith manifests: ManifestSet, hasOperator: Bool, _ serving: NIOLoopBound<Serving>,
        on loop: any EventLoop, logger: Logger
    ) {
        precedence = ConfigurationPrecedence(startingWith: manifests, hasOperator: hasOperator, at: .now)
        self.serving = serving
        self.loop = loop
        self.logger = logger
    }

    /// Begins with what was read at the start.
    /// - Throws: when it cannot be served.
    func begin(_ manifests: ManifestSet) async throws {
        try await put(manifests)
        await passOn()
    }

    func folderChanged(_ result: Result<ManifestSet, any Error>) async {
        do {
            guard let manifests = precedence.folderRead(try result.get(), at: .now) else { return }
            try await put(manifests)
        } catch {
            await refuse(error)
        }
    }

    func streamConnected() async {
        precedence.streamConnected()
        try? await loop.submit { [serving] in serving.value.approvals.askAgain() }.get()
    }

    func approvalAnswered(_ answer: ApprovalAnswer) async {
        try? await loop.submit { [serving] in serving.value.approvals.answered(answer) }.get()
    }

    /// - Returns: why it is not in force; empty when it is.
    func streamed(_ manifests: Result<ManifestSet, any Error>) async -> [String] {
        do {
            if let news = precedence.streamed(try manifests.get()) { try await put(news) }
            precedence.streamAccepted()
            await passOn()
            return []
        } catch {
            precedence.streamRefused(at: .now)
            await passOn()
            return await refuse(error)
        }
    }

    func streamLost() async {
        precedence.streamLost(at: .now)
        await passOn()
    }

    /// Has the folder's snapshot count once the stream has been away for long enough.
    func timePassed() async {
        guard let manifests = precedence.timePassed(at: .now) else { return }
        logger.notice("the operator is away; the snapshot counts")
        do { try await put(manifests) } catch { await refuse(error) }
    }

    /// `nil`: the operator refuses the pod.
    func attested(_ workload: AttestedWorkload?) async {
        try? await loop.submit { [serving] in serving.value.attested(workload) }.get()
    }

    /// - Returns: whether the line is one.
    func authorized(by line: [UInt8]) async -> Bool {
        (try? await loop.submit { [serving] in serving.value.take(authority: line) }.get()) ?? false
    }

    func authorityConfirmed(_ revision: String) async {
        try? await loop.submit { [serving] in serving.value.authorityConfirmed(revision) }.get()
    }

    // MARK: - In turn

    /// An actor alone would begin the second where the first waits for its listeners.
    private func put(_ manifests: ManifestSet) async throws {
        let earlier = turn
        let task = Task {
            _ = await earlier?.result
            try await apply(manifests)
        }
        turn = task
        try await task.value
        precedence.isInForce(manifests)
    }

    /// Everything that can fail comes before anything changes.
    private func apply(_ manifests: ManifestSet) async throws {
        let serving = serving
        let missing = try await loop.submit { try serving.value.missingPlaces(for: manifests) }.get()
        let openings = try await open(missing)
        do { try await loop.submit { try serving.value.apply(manifests, openings) }.get() } catch {
            await close(openings)
            throw error
        }
        for place in missing { logger.notice("listening", metadata: ["address": "\(place.endpoint)"]) }
        logger.notice("configuration in force", metadata: ["revision": "\(manifests.revision.prefix(12))"])
    }

    /// Whoever connects waits for the configuration to be in force.
    /// - Throws: when one of the places is taken; none is listened at then.
    private func open(_ places: [ListeningPlace]) async throws -> [OpenPlaces.Opening] {
        let serving = serving
        var openings: [OpenPlaces.Opening] = []
        do {
            for place in places {
                let listener = try await Listener.bind(
                    place.endpoint, permissions: place.permissions, accepts: false, on: loop
                ) { channel in
                    try serving.value.accept(channel, at: place.endpoint)
                }
                openings.append((place, listener))
            }
        } catch {
            await close(openings)
            throw error
        }
        return openings
    }

    private func close(_ openings: [OpenPlaces.Opening]) async {
        for (_, listener) in openings { try? await listener.close() }
    }

    @discardableResult
    private func refuse(_ error: any Error) async -> [String] {
        let faults = (error as? ManifestFaults)?.faults.map { "\($0)" } ?? ["\(error)"]
        logger.error(
            "configuration refused; the last good one stays in force",
            metadata: ["faults": "\(faults.joined(separator: "; "))"])
        try? await loop.submit { [serving] in serving.value.reject(faults) }.get()
        return faults
    }

    private func passOn() async {
        let since = precedence.unconfirmedSince
        try? await loop.submit { [serving] in serving.value.unconfirmedSince = since }.get()
    }
}
