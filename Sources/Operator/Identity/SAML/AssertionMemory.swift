import API
import Cryptography
import Kubernetes
import Synchronization

/// Which assertions were taken: none is a second time, at whichever replica, and also after a restart.
protocol AssertionMemory: Sendable {
    /// `now` and `end`, after which it would be refused anyway, count seconds since 1970.
    ///
    /// - Returns: whether it was not there before, and is now.
    /// - Throws: when that cannot be told, or not be kept.
    func take(_ assertion: TakenAssertion, until end: Int64, at now: Int64) async throws -> Bool
}

/// Names an assertion among those of all identity providers.
struct TakenAssertion: Sendable, Equatable {
    /// SHA-256, hexadecimal.
    let digest: String

    init(id: String, issuer: String) {
        digest = Hexadecimal.encode(SHA256.digest(of: Array("\(id)\n\(issuer)".utf8)))
    }
}

/// The assertions taken, with their ends, as they are written down.
struct TakenAssertions: Sendable, Equatable {
    /// Assertions kept at once; more sign-ins are refused until some have ended. Ours: about 350 KB.
    static let limit = 4000

    private(set) var ends: [String: Int64] = [:]

    struct Full: Error, CustomStringConvertible {
        var description: String { "too many sign-ins at once" }
    }

    init() {}

    init(_ json: JSON?) {
        for (digest, end) in json?.object ?? JSON.Object() { ends[digest] = end.integer }
    }

    var json: JSON {
        .object(JSON.Object(ends.sorted { $0.key < $1.key }.map { ($0, .integer($1)) }))
    }

    /// - Returns: whether it was not there before.
    mutating func take(_ assertion: TakenAssertion, until end: Int64, at now: Int64) throws(Full) -> Bool {
        guard ends[assertion.digest] == nil else { return false }
        ends = ends.filter { now < $0.value }
        guard ends.count < Self.limit else { throw Full() }
        ends[assertion.digest] = end
        return true
    }
}

/// In a ConfigMap, which all replicas write one after the other.
struct StoredAssertionMemory: AssertionMemory {
    static let name = "weir-saml-assertions"

    let stored: StoredDocument

    func take(_ assertion: TakenAssertion, until end: Int64, at now: Int64) async throws -> Bool {
        let isNew = Mutex(false)
        _ = try await stored.change { document in
            var taken = TakenAssertions(document)
            let isFirst = try taken.take(assertion, until: end, at: now)
            isNew.withLock { $0 = isFirst }
            return isFirst ? taken.json : nil
        }
        return isNew.withLock { $0 }
    }
}
