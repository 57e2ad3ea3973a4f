package import Kubernetes

/// With what a request is made: who we are to the server, and whom we take for it.
package struct Access: Sendable, Equatable {
    /// The value of the header: `Bearer ...`; `nil` for none.
    package var authorization: String?
    package var identity: ClientIdentity?
    package var trust: Trust

    package init(authorization: String? = nil, identity: ClientIdentity? = nil, trust: Trust) {
        self.authorization = authorization
        self.identity = identity
        self.trust = trust
    }
}

extension Access: CustomStringConvertible {
    /// Without its secrets.
    package var description: String { "‹redacted›" }
}

/// Where access comes from, which may change at any time.
package protocol AccessSource: Sendable {
    func current() async throws(TransportFailure) -> Access

    /// Other access than the server refused; `nil` when there is none.
    func renewed(after refused: Access) async throws(TransportFailure) -> Access?
}

/// Access that stays as it is.
package struct FixedAccess: AccessSource {
    private let access: Access

    package init(_ access: Access) {
        self.access = access
    }

    package func current() async throws(TransportFailure) -> Access { access }

    package func renewed(after refused: Access) async throws(TransportFailure) -> Access? { nil }
}
