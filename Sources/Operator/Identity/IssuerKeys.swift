import API
import Identity
import Kubernetes
import Logging
import NIOCore
import Networking
import Synchronization

/// The keys of issuers, fetched from them: kept while they answer, and for a while when they do not.
final class IssuerKeys: Sendable {
    typealias Source = KeySource

    /// Between two fetches of one issuer's keys.
    static let refreshInterval = Duration.seconds(600)
    /// After a fetch that failed, or one that an unknown key asked for: an issuer is not asked more often.
    static let retryInterval = Duration.seconds(30)
    /// How long keys hold when the issuer does not give them again.
    static let maximumAge = Duration.seconds(86_400)
    private static let timeout = TimeAmount.seconds(10)
    /// Of a discovery document or key set, in bytes.
    private static let responseLimit = 256 << 10
    /// Issuers whose keys are kept. Ours.
    private static let limit = 256
    /// Issuers that are asked at once: some may be silent. Ours.
    static let concurrentFetches = 8

    private struct Entry {
        var set: JSONWebKeySet?
        var fetched: ContinuousClock.Instant?
        var tried: ContinuousClock.Instant
    }

    /// `authorities` as PEM; `nil` for those that the system trusts.
    typealias Fetch = @Sendable (_ url: String, _ authorities: String?) async throws -> [UInt8]

    private let entries = Mutex<[Source: Entry]>([:])
    /// Fetches that unknown keys have asked for: whoever comes meanwhile waits for the same.
    private let underWay = Mutex<[Source: Task<Bool, Never>]>([:])
    private let fetch: Fetch
    private let now: @Sendable () -> ContinuousClock.Instant
    private let logger: Logger

    init(
        logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant, fetch: @escaping Fetch
    ) {
        self.logger = logger
        self.now = now
        self.fetch = fetch
    }

    /// Asks over the network.
    static func overNetwork(on loop: any EventLoop) -> Fetch {
        { url, authorities in
            let slash = url.dropFirst(8).firstIndex(of: "/") ?? url.endIndex
            let client = try HTTPClient(
                baseURL: BaseURL(String(url[..<slash])),
                certificateAuthoritiesPEM: authorities.map { Array($0.utf8) }, on: loop, timeout: timeout,
                responseLimit: responseLimit)
            let path = slash == url.endIndex ? "/" : String(url[slash...])
            let result: Result<HTTPResponse, any Error>
            do {
                result = .success(
                    try await client.send(HTTPRequest(path: path, headers: [("Accept", "application/json")])))
            } catch {
                result = .failure(error)
            }
            await client.close()
            let response = try result.get()
            guard response.status == 200 else { throw Fault.status(response.status) }
            return response.body
        }
    }

    enum Fault: Error, CustomStringConvertible {
        case status(Int)
        case discovery
        case address(String)

        var description: String {
            switch self {
            case .status(let code): "status \(code)"
            case .discovery: "the discovery document is of another issuer, or names no keys"
            case .address(let url): "\(url) is no https:// URL (or http:// and localhost)"
            }
        }
    }

    /// `nil` while there are none, and once they are too old.
    func keys(of source: Source) -> JSONWebKeySet? {
        entries.withLock { entries in
            guard let entry = entries[source], let fetched = entry.fetched, now() - fetched < Self.maximumAge
            else {
                return nil
            }
            return entry.set
        }
    }

    /// Whether there were ever keys, of whatever age; an operator that begins has read none.
    func hasRead(_ source: Source) -> Bool { entries.withLock { $0[source]?.fetched != nil } }

    /// Fetches what is due of these, and forgets others. Who was only asked in vain so far comes last; `changed` is
    /// called whenever keys are others than before.
    func refresh(_ sources: Set<Source>, _ changed: () -> Void) async {
        let due = entries.withLock { entries -> [Source] in
            entries = entries.filter { sources.contains($0.key) }
            let due = sources.filter { source in
                guard let entry = entries[source] else { return entries.count < Self.limit }
                let isFresh = entry.fetched.map { now() - $0 < Self.refreshInterval } ?? false
                return !isFresh && now() - entry.tried >= Self.retryInterval
            }
            let silent = due.filter { source in entries[source].map { $0.set == nil } ?? false }
            return Array(due.subtracting(silent)) + Array(silent)
        }
        await withTaskGroup(of: Bool.self) { group in
            for source in due.prefix(Self.concurrentFetches) {
                group.addTask { await self.fetchKeys(of: source) }
            }
            var waiting = due.dropFirst(Self.concurrentFetches)
            while let isNews = await group.next() {
                if isNews { changed() }
                guard let source = waiting.popFirst() else { continue }
                group.addTask { await self.fetchKeys(of: source) }
            }
        }
    }

    /// A token names a key that is not known: perhaps it is new.
    /// - Returns: whether any keys are others than before.
    func refreshForUnknownKey(of source: Source) async -> Bool {
        let fetch = underWay.withLock { underWay -> Task<Bool, Never>? in
            if let fetch = underWay[source] { return fetch }
            guard isDueForUnknownKey(source) else { return nil }
            let fetch = Task {
                let isNews = await fetchKeys(of: source)
                self.underWay.withLock { $0[source] = nil }
                return isNews
            }
            underWay[source] = fetch
            return fetch
        }
        return await fetch?.value ?? false
    }

    private func isDueForUnknownKey(_ source: Source) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[source] else { return entries.count < Self.limit }
            guard now() - entry.tried >= Self.retryInterval else { return false }
            entries[source]?.tried = now()
            return true
        }
    }

    private func fetchKeys(of source: Source) async -> Bool {
        do {
            let address: String
            if let keys = source.keys { address = keys } else { address = try await discover(source) }
            let set = try JSONWebKeySet(parsing: try await get(address, for: source))
            return entries.withLock { entries in
                let isNews = entries[source]?.set != set
                entries[source] = Entry(set: set, fetched: now(), tried: now())
                return isNews
            }
        } catch {
            logger.warning(
                "an issuer's keys are not read",
                metadata: ["issuer": "\(source.issuer)", "error": "\(error)"])
            entries.withLock { entries in entries[source, default: Entry(tried: now())].tried = now() }
            return false
        }
    }

    /// OpenID Connect Discovery 1.0, section 4: the document's issuer must be the one asked.
    private func discover(_ source: Source) async throws -> String {
        let issuer = source.issuer
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let document = try JSON(
            parsing: try await get("\(base)/.well-known/openid-configuration", for: source),
            limits: JSON.Limits(length: Self.responseLimit))
        guard document["issuer"]?.string == issuer, let keys = document["jwks_uri"]?.string else {
            throw Fault.discovery
        }
        return keys
    }

    private func get(_ url: String, for source: Source) async throws -> [UInt8] {
        guard StringFormat.webAddress.fault(in: url) == nil else { throw Fault.address(url) }
        return try await fetch(url, source.authorities)
    }
}
