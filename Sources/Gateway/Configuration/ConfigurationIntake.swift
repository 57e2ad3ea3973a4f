import API
import Logging
import Manifests
import NIOCore
import Networking
import Telemetry

/// Puts configurations in force, one after the other, whichever source they come from.
actor ConfigurationIntake {
    private var precedence: ConfigurationPrecedence
    private var kept: KeptConfiguration
    private let serving: NIOLoopBound<Serving>
    private let loop: any EventLoop
    private let logger: Logger
    /// A configuration is judged or put in force; the next ones wait.
    private(set) var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Why something was refused last; empty once something was not. What is tried again and refused again is told once.
    private var toldFaults: [String] = []
    /// What is in force could not be kept; that is told once.
    private var isUnkept = false

    init(
        _ precedence: ConfigurationPrecedence, keeping kept: KeptConfiguration,
        _ serving: NIOLoopBound<Serving>,
        on loop: any EventLoop, logger: Logger
    ) {
        self.precedence = precedence
        self.kept = kept
        self.serving = serving
        self.loop = loop
        self.logger = logger
    }

    /// Begins with what was found at the start.
    /// - Throws: when it cannot be served. A restart would find the same again, were it what is kept: then nothing is
    ///   in force until the operator says what is.
    func begin() async throws {
        try await inTurn {
            do { try await put(precedence.first(at: .now)) } catch {
                guard precedence.goesOn else { throw error }
                await refuse(error)
            }
            await passOn()
        }
    }

    func folderChanged(_ result: Result<ManifestSet, any Error>) async {
        await inTurn {
            if case .failure = result { precedence.folderUnreadable() }
            do {
                let news = precedence.folderRead(try result.get(), at: .now)
                if let news { try await put(news) }
                keep()
            } catch {
                toldFaults = []
                await refuse(error)
            }
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
        await inTurn {
            do {
                if let news = precedence.streamed(try manifests.get()) { try await put(news) }
                precedence.streamAccepted()
                toldFaults = []
                keep()
                await passOn()
                return []
            } catch {
                precedence.streamRefused(at: .now)
                await passOn()
                return await refuse(error)
            }
        }
    }

    func streamLost() async {
        precedence.streamLost(at: .now)
        await passOn()
    }

    /// Has the folder's snapshot count once the stream has been away for long enough, and tries again what was refused
    /// of a folder that is all there is.
    func timePassed() async {
        await inTurn {
            keep()
            guard let manifests = precedence.newerSnapshot(at: .now) else { return }
            do {
                try await put(manifests)
                if precedence.hasOperator { logger.notice("the operator is away; the snapshot counts") }
            } catch {
                await refuse(error)
            }
        }
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

    /// An actor alone would judge the second by what was in force before the first, while that waits for its
    /// listeners.
    private func inTurn<Answer>(_ body: () async throws -> Answer) async rethrows -> Answer {
        if isBusy { await withCheckedContinuation { waiting.append($0) } }
        isBusy = true
        defer { if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() } }
        return try await body()
    }

    private func put(_ manifests: ManifestSet) async throws {
        try await apply(manifests)
        precedence.isInForce(manifests)
        toldFaults = []
    }

    /// Has a gateway that begins anew go on with what is in force.
    private func keep() {
        guard let (manifests, snapshot) = precedence.keeping else { return }
        let isKept = kept.note(manifests, snapshot: snapshot, at: WallClock.now() / 1_000_000)
        if !isKept, !isUnkept {
            logger.error(
                "the configuration in force is not kept for the next start: the data folder takes no file")
        }
        isUnkept = !isKept
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
        guard faults != toldFaults else { return faults }
        toldFaults = faults
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
