import Networking

extension GatewayConfiguration {
    /// Refuses what no later moment mends. With an operator, users may come later: a cluster mounts their secret when it is
    /// there.
    func check() throws(GatewayFault) {
        do { _ = try BaseURL(sink) } catch {
            throw .unusable(option: "--sink", value: sink, reason: "\(error)")
        }
        if let users, controlPlane == nil, !SecretFolder(path: secrets).hasSecret(users) {
            throw .unusable(
                option: "--users", value: users, reason: "\(secrets) holds no folder of that name")
        }
    }
}
