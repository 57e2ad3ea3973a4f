package import API
import Cryptography
import Networking

/// Why a gateway cannot run, or not as it was told.
package enum GatewayFault: Error, Equatable, CustomStringConvertible {
    /// Of those asked for, if any are; `known` are those there are, with their namespaces.
    case noConnections(namespace: String, asked: [String], known: [String])
    /// What an option says.
    case unusable(option: String, value: String, reason: String)
    /// Asks for what no gateway can do yet.
    case unsupported(connection: String, what: DatabaseConnection.Unsupported)
    case unreadableFile(String)
    case malformedAddress(String)
    /// Nobody could prove who they are.
    case nobodyServed(connection: String)
    /// What stands in a connection as the keys of an issuer.
    case unusableKeys(connection: String, issuer: String, reason: String)

    package var description: String {
        switch self {
        case .noConnections(let namespace, let asked, let known):
            "the manifests hold no DatabaseConnection \(asked.map { $0 + " " }.joined())in namespace \(namespace); "
                + (known.isEmpty ? "they hold none" : "there is \(known.joined(separator: ", "))")
                + ": see \(asked.isEmpty ? "--namespace" : "--connections and --namespace")"
        case .unusable(let option, let value, let reason):
            "\(option) \(value): \(reason)"
        case .unsupported(let connection, let what):
            "DatabaseConnection \(connection): \(what)"
        case .unreadableFile(let path):
            "\(path) cannot be read"
        case .malformedAddress(let address):
            "\(address) is no address and port, such as 0.0.0.0:15420 or [::]:15420"
        case .nobodyServed(let connection):
            "give --users, --workload-identity or both, or DatabaseConnection \(connection) issuers: there is no "
                + "anonymous session"
        case .unusableKeys(let connection, let issuer, let reason):
            "DatabaseConnection \(connection), issuer \(issuer): jwks is \(reason)"
        }
    }
}

extension GatewayProcess {
    /// Whether an error of ``GatewayProcess/run()`` is the configuration's, which whoever runs it can mend.
    package static func isConfigurationFault(_ error: any Error) -> Bool {
        error is ManifestFaults || error is GatewayFault || error is SecretFault || error is TLSError
            || error is NetworkingError
    }
}
