import Kubernetes

/// One exchange with a server, in libcurl's terms.
struct Transfer: Sendable {
    var url: String
    var method: APIRequest.Method
    /// `Name: value`, without line ends.
    var headers: [String]
    var body: [UInt8]?
    var security: TransferSecurity
    /// For the whole answer; `nil` where it goes on.
    var timeLimit: Duration?
    /// How long the answer may be silent; `nil` where the time limit counts.
    var silenceLimit: Duration?
    var connectTimeLimit: Duration
}

/// How a server is reached and known.
struct TransferSecurity: Sendable, Equatable {
    var trust: Trust
    var identity: ClientIdentity?
    /// `name:port:host:port`: where a URL's name is really found.
    var connectTo: String?
    /// Empty for none.
    var proxy: String
}

/// Whom to take for the API server.
package enum Trust: Sendable, Equatable {
    /// Whoever has a certificate of one of the system's authorities.
    case system
    /// Whoever has one of these authorities, in PEM.
    case authorities([UInt8])
    /// Anybody, as `insecure-skip-tls-verify: true` says and nothing else does.
    case anybody
}

/// A client's certificate with those that lead to its authority, and its key; both PEM.
package struct ClientIdentity: Sendable, Equatable {
    package var certificates: [UInt8]
    package var key: [UInt8]

    package init(certificates: [UInt8], key: [UInt8]) {
        self.certificates = certificates
        self.key = key
    }
}
