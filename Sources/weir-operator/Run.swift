import ArgumentParser
import Logging
import Operator
import Telemetry

/// `weir-operator run`. Every option can also come from the environment, as `WEIR_` and its name in capitals.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run until told to end by SIGTERM or SIGINT.",
        discussion: """
            Each option can be given in the environment instead: --sidecar-image as WEIR_SIDECAR_IMAGE and so on.

            In a pod the API server is reached by the pod's service account; elsewhere by --kubeconfig, KUBECONFIG or \
            ~/.kube/config. Every replica serves gateways and admission; the one that holds the Lease weir-operator \
            writes.

            GET /healthz, /readyz and /metrics are served on the health port without encryption. /readyz says in \
            lines what is missing, such as a permission.

            Exit status: 0 after SIGTERM, 64 for a configuration that cannot be used, 1 for anything else, such as a \
            lost lease, after which it should be started again.
            """)

    @Option(help: "The operator's own namespace, whose policies may select others. (default: the pod's)")
    var namespace: String?
    @Option(help: "Image of the gateway for pods, best with its digest.")
    var sidecarImage: String?
    @Option(help: "Base URL of the audit sink as pods reach it.")
    var sink: String?
    @Option(
        help: "Service of the audit sink in this namespace, which gets its certificate from the operator.")
    var sinkService: String?
    @Option(help: "Service by which pods and the API server reach the operator. (default: weir-operator)")
    var serviceName: String?
    @Option(help: "NAMESPACE[,NAMESPACE...] to look after. (default: all)")
    var watchNamespaces: String?
    @Option(
        help:
            "Folder of what is kept through a restart, the operator's own audit log. (default: not recorded)")
    var data: String?
    @Option(help: "This pod's name, by which its log is known to the sink. (default: the host's name)")
    var podName: String?
    @Option(help: "Address to listen on. (default: ::)")
    var listenAddress: String?
    @Option(help: "Port of HTTPS: configuration and admission. (default: 8443)")
    var port: String?
    @Option(help: "Port of health and metrics. (default: 8081)")
    var healthPort: String?
    @Option(
        name: .customLong("public-url"),
        help: "Where browsers reach the operator, for SAML: https://HOST[:PORT]. (default: nobody signs in)")
    var publicURL: String?
    @Option(
        name: .customLong("approvals-url"),
        help: "Page that notifications of approvals link to: https://…{namespace}…{name}. (default: none)")
    var approvalsURL: String?
    @Option(help: "Kubeconfig to reach the API server by. (default: the pod's service account)")
    var kubeconfig: String?
    @Option(help: "Token by which other replicas know this pod. (default: /var/run/secrets/weir.dev/token)")
    var token: String?
    @Flag(inversion: .prefixedNo, help: "Only one of several replicas writes. (default: yes)")
    var leaderElection: Bool?
    @Option(help: "Whether gateways are native sidecars: auto, always or never. (default: auto)")
    var nativeSidecars: String?
    @Option(help: "Certificate chain for HTTPS, PEM, in place of the operator's own.")
    var tlsCertificate: String?
    @Option(help: "Private key of that certificate, PEM.")
    var tlsKey: String?
    @Option(help: "PEM of the authorities that certificate is signed by, for gateways.")
    var tlsAuthorities: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    func run() async throws {
        try CoreDumps.forbid()
        let configuration: OperatorConfiguration
        do {
            configuration = try OperatorConfiguration(self, environment: .ofThisProcess)
        } catch {
            throw Exit.configuration("\(error)")
        }
        StandardErrorLog.install(level: configuration.logLevel)
        try await OperatorProcess(configuration, logger: Logger(label: "weir-operator")).run()
    }
}
