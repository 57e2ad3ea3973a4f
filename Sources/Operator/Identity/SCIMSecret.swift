import Cryptography
import Kubernetes
import Synchronization

/// The Secret by which an identity provider is known, with the keys `token` and, optionally, `subjectPrefix`: what
/// stands before a `userName` in a subject's name.
///
/// Anybody may ask: it is read for nobody who shows no token at all, once at a time, and then believed for some seconds.
final class SCIMSecret: Sendable {
    static let name = "weir-operator-scim"
    /// How long it is believed, also that there is none. Ours.
    static let lifetime = Duration.seconds(10)
    /// How long it is waited for; less than ``lifetime``, within which it is not read again. Ours.
    private static let patience = Duration.seconds(5)
    /// Shortest token, in bytes. Ours.
    private static let minimumTokenLength = 32

    private struct Content: Sendable {
        var token: [UInt8]
        var subjectPrefix: String
    }

    private struct Reading: Sendable {
        /// `nil`: there is none.
        var content: Task<Content?, any Error>
        var end: ContinuousClock.Instant
    }

    private let api: any APIServer
    private let key: ObjectKey
    private let steady: @Sendable () -> ContinuousClock.Instant
    private let last = Mutex<Reading?>(nil)

    init(
        _ api: any APIServer, in namespace: String,
        steady: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.api = api
        key = ObjectKey(namespace: namespace, name: Self.name)
        self.steady = steady
    }

    /// - Parameter authorization: the header that shows the token.
    /// - Returns: what stands before a `userName`.
    /// - Throws: 401, and 503 where there is no such Secret or it cannot be read now.
    func subjectPrefix(showing authorization: String) async throws(SCIMFault) -> String {
        let (scheme, shown) = (Array("Bearer ".utf8), Array(authorization.utf8))
        guard shown.starts(with: scheme), shown.count >= scheme.count + Self.minimumTokenLength else {
            throw SCIMFault(.unauthorized, "the token is refused")
        }
        let content: Content?
        do { content = try await current() } catch {
            throw SCIMFault(.serviceUnavailable, "the token cannot be judged now")
        }
        guard let content else { throw SCIMFault(.serviceUnavailable, "SCIM is not set up") }
        guard content.token.count >= Self.minimumTokenLength,
            ConstantTime.isEqual(shown, scheme + content.token)
        else { throw SCIMFault(.unauthorized, "the token is refused") }
        return content.subjectPrefix
    }

    private func current() async throws -> Content? {
        let now = steady()
        let content = last.withLock { last -> Task<Content?, any Error> in
            if let last, now < last.end { return last.content }
            let content = Task { try await self.read() }
            last = Reading(content: content, end: now + Self.lifetime)
            return content
        }
        do { return try await content.value } catch {
            // Unless it is read again already.
            last.withLock { last in
                if last?.content == content { last = nil }
            }
            throw error
        }
    }

    private func read() async throws -> Content? {
        var request = try APIRequest.get(.secrets, key)
        request.timeLimit = Self.patience
        let secret: JSON
        do throws(APIError) {
            secret = try await api.answer(to: request)
        } catch {
            if case .refused(let failure) = error, failure.code == 404 { return nil }
            throw error
        }
        // A line end that an editor left would name subjects that there are not.
        func value(_ key: String) -> [UInt8] {
            secret["data", key]?.string.flatMap { Base64.decode($0) }?.trimmed ?? []
        }
        return Content(
            token: value("token"), subjectPrefix: String(decoding: value("subjectPrefix"), as: UTF8.self))
    }
}
