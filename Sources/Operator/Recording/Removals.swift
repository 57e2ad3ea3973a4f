import API
import Admission
import Kubernetes
import Synchronization

/// Who has asked the API server to remove a connection, policy or rule, until the watch tells that it is gone.
///
/// Whoever reaches the operator can call its webhooks. So what is said there counts only of an object that is there under
/// that uid, is told once it is gone, and tells of all who were named.
final class Removals: Sendable {
    /// Users told of for one object, the last ones. Ours.
    static let userLimit = 4
    /// Removals that wait to be recorded. Ours.
    private static let waitingLimit = 1000

    /// By uid.
    private let users = Mutex<[String: [String]]>([:])
    /// What has been removed, a line each.
    let confirmed: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() {
        (confirmed, continuation) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingOldest(Self.waitingLimit))
    }

    /// What the API server asks before it removes the object; `known` is the object as the watch has it.
    func expect(_ removal: Removal, of known: APIObject?) {
        guard known?.uid == removal.uid else { return }
        users.withLock {
            var named = $0[removal.uid, default: []].filter { $0 != removal.user }
            named.append(removal.user)
            $0[removal.uid] = named.suffix(Self.userLimit)
        }
    }

    /// The watch tells that an object is gone.
    func note(_ object: APIObject, of kind: String) {
        guard let named = users.withLock({ $0.removeValue(forKey: object.uid) }) else { return }
        let by = named.count == 1 ? named[0] : "any of \(named.joined(separator: ", "))"
        let generation = object.content["metadata", "generation"]?.integer.map { ", generation \($0)" } ?? ""
        continuation.yield(
            "\(kind) \(object.key.namespace)/\(object.key.name) removed by \(by)\(generation)")
    }
}
