/// Where to listen or whom to call.
package enum Endpoint: Sendable, Hashable {
    /// - Parameter host: a name, an IPv4 or an IPv6 address, without brackets.
    case tcp(host: String, port: UInt16)
    case unix(path: String)
}

extension Endpoint: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
