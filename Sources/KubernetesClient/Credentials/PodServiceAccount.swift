import Kubernetes

/// How a pod reaches its cluster: the service account the kubelet mounts into it.
package struct PodServiceAccount {
    package static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"

    package let cluster: ClusterAddress
    package let access: FileAccess
    /// The pod's own.
    package let namespace: String

    /// - Throws: outside of a pod, and in one without a token or the cluster's authority. Without an authority
    ///   nobody is taken for the server.
    package init(environment: [String: String], folder: String = folder) throws(ConfigurationError) {
        guard let host = environment["KUBERNETES_SERVICE_HOST"],
            let port = environment["KUBERNETES_SERVICE_PORT"],
            !host.isEmpty, !port.isEmpty
        else {
            throw ConfigurationError(
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: not in a pod")
        }
        cluster = try ClusterAddress("https://\(host.contains(":") ? "[\(host)]" : host):\(port)")
        let files = FileAccess.Files(token: "\(folder)/token", authorities: "\(folder)/ca.crt")
        for file in [files.token, files.authorities].compactMap(\.self) { _ = try SmallFile.read(file) }
        access = FileAccess(Access(trust: .authorities([])), files)
        let bytes = try SmallFile.read("\(folder)/namespace")
        namespace = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        guard !namespace.isEmpty else { throw ConfigurationError("\(folder)/namespace: is empty") }
    }
}
