import Identity
import Kubernetes

/// The keys of issuers, as an operator told them that had read them.
///
/// One that has just begun may not have reached an issuer yet, and says so: then what was told before holds on, as it
/// would have with the operator that told it.
struct KnownKeys {
    typealias Instant = ContinuousClock.Instant

    /// How long keys hold since an operator told them that had read them. Ours: as long as they hold with that.
    static let maximumAge = Duration.seconds(86_400)
    private static let fileName = "issuer-keys.json"

    private struct Told {
        var set: JSONWebKeySet
        /// When that was last said, by both clocks.
        var time: Int64
        var instant: Instant
    }

    /// Where they are kept for the next start; `nil` without an operator.
    private let file: PrivateFile?
    private var sets: [KeySource: Told] = [:]

    /// `now` is the time of day, in seconds since 1970, and `instant` the same moment, here and below.
    init(data: String, hasOperator: Bool, at now: Int64, _ instant: Instant) {
        file = hasOperator ? PrivateFile(path: "\(data)/\(Self.fileName)") : nil
        restore(at: now, instant)
    }

    /// The operator says this, or still does.
    mutating func take(_ authority: IdentityAuthority, at now: Int64, _ instant: Instant) {
        let unread = Set(authority.unread)
        sets = sets.filter { unread.contains($0.key) }
        for (source, set) in authority.keys {
            sets[source] = Told(set: set, time: now, instant: instant)
        }
    }

    /// By whichever clock more time has passed.
    func keys(of source: KeySource, at now: Int64, _ instant: Instant) -> JSONWebKeySet? {
        guard let told = sets[source],
            max(instant - told.instant, .seconds(now - told.time)) < Self.maximumAge
        else { return nil }
        return told.set
    }

    // MARK: - Over a restart

    func note() {
        let items = sets.sorted { $0.key < $1.key }.map { source, told -> JSON in
            var item = source.json
            item["keys"] = told.set.json
            item["told"] = .integer(told.time)
            return item
        }
        let content = JSON.array(items).rendered
        if content.count <= PrivateFile.maximumLength { _ = file?.write(content) }
    }

    private mutating func restore(at now: Int64, _ instant: Instant) {
        let limits = JSON.Limits(length: PrivateFile.maximumLength)
        guard let content = file?.read(), let items = (try? JSON(parsing: content, limits: limits))?.array
        else { return }
        for item in items {
            guard let source = KeySource(item), let keys = item["keys"], let set = try? JSONWebKeySet(keys),
                let time = item["told"]?.integer, time >= 0, time <= now
            else { continue }
            sets[source] = Told(set: set, time: time, instant: instant - .seconds(now - time))
        }
    }
}
