import ArgumentParser
import Glibc
import Kubernetes
import KubernetesClient

/// `weir-operator uninstall`.
struct Uninstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove the webhook configurations, before the operator itself is removed.",
        discussion: """
            Without its operator no pod that asks for a gateway could be made. Pods that run go on as they are. Deletes \
            what is there; what is gone already is no fault. Exit status: 0 when nothing is left, 64 when no cluster is \
            found, 1 when the API server refuses.
            """)

    @Option(help: "Kubeconfig of the cluster; the pod's own cluster without it.")
    var kubeconfig: String?

    private static let configurations = [
        ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", "weir-injector"),
        ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "weir-validator"),
    ]

    func run() async throws {
        let server: CurlAPIServer
        do throws(ConfigurationError) { server = try connect() } catch {
            throw ValidationError("\(error)")  // exit status 64
        }
        for (plural, kind, name) in Self.configurations {
            let resource = APIResource(
                group: "admissionregistration.k8s.io", version: "v1", name: plural, kind: kind,
                isNamespaced: false)
            do {
                _ = try await server.answer(to: .delete(resource, ObjectKey(name: name)))
                print("removed \(kind) \(name)")
            } catch APIError.refused(let failure) where failure.kind == .notFound {
                print("\(kind) \(name) is gone already")
            }
        }
    }

    private func connect() throws(ConfigurationError) -> CurlAPIServer {
        var environment: [String: String] = [:]
        for name in ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "HOME", "PATH"] {
            environment[name] = unsafe getenv(name).map { unsafe String(cString: $0) }
        }
        guard let kubeconfig else {
            let account = try PodServiceAccount(environment: environment)
            return CurlAPIServer(account.cluster, access: account.access)
        }
        let connection = try KubeconfigConnection(Kubeconfig(paths: [kubeconfig]), environment: environment)
        return CurlAPIServer(connection.cluster, access: connection.access)
    }
}
