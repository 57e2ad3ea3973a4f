import Admission
import Cryptography
import Glibc
import Kubernetes
import KubernetesClient
import Logging
import Operator
import Telemetry

/// Everything that is wrong with the options, one a line.
struct ConfigurationFaults: Error, CustomStringConvertible {
    var faults: [String]

    var description: String { faults.map { "weir-operator: \($0)" }.joined(separator: "\n") }
}

/// All variables; by subscript those of `WEIR_…`.
struct ProcessEnvironment {
    let all: [String: String]

    static var ofThisProcess: Self {
        var all: [String: String] = [:]
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            if let sign = text.firstIndex(of: "=") {
                all[String(text[..<sign])] = String(text[text.index(after: sign)...])
            }
            unsafe next += 1
        }
        return Self(all: all)
    }

    subscript(name: String) -> String? { all["WEIR_\(name)"].flatMap { $0.isEmpty ? nil : $0 } }
}

/// How the operator runs, read once at the start.
struct OperatorConfiguration {
    var settings: InstallationSettings
    var options: ControlPlane.Options
    var server: CurlAPIServer
    var identity: FixedIdentity?
    var logLevel: Logger.Level

    /// Where the chart mounts the pod's token for other replicas.
    private static let token = "/var/run/secrets/weir.dev/token"

    /// Options count before the environment; every fault is reported at once.
    init(_ run: Run, environment: ProcessEnvironment) throws(ConfigurationFaults) {
        var faults: [String] = []
        func value(_ option: String?, _ name: String) -> String? {
            let given = option ?? environment[name]
            return given.flatMap { $0.isEmpty ? nil : $0 }
        }
        func required(_ option: String?, _ name: String) -> String {
            if let given = value(option, name) { return given }
            let flag = name.lowercased().replacing("_", with: "-")
            faults.append("--\(flag) (or WEIR_\(name)) is missing; see weir-operator run --help")
            return ""
        }
        func port(_ option: String?, _ name: String, default fallback: Int) -> Int {
            guard let text = value(option, name) else { return fallback }
            if let port = UInt16(text) { return Int(port) }
            faults.append("--\(name.lowercased().replacing("_", with: "-")) \(text): no port")
            return fallback
        }
        func isSet(_ option: Bool?, _ name: String, default fallback: Bool) -> Bool {
            if let option { return option }
            guard let text = value(nil, name) else { return fallback }
            if text != "true", text != "false" {
                faults.append("WEIR_\(name)=\(text): expected true or false")
            }
            return text == "true"
        }
        let level = value(run.logLevel, "LOG_LEVEL") ?? "info"
        logLevel = Logger.Level(rawValue: level) ?? .info
        if Logger.Level(rawValue: level) == nil { faults.append("--log-level \(level): no such level") }
        let native = value(run.nativeSidecars, "NATIVE_SIDECARS") ?? "auto"
        if NativeSidecars.Mode(rawValue: native) == nil {
            faults.append("--native-sidecars \(native): expected auto, always or never")
        }
        var cluster: ClusterConnection?
        do {
            cluster = try ClusterConnection(
                kubeconfig: value(run.kubeconfig, "KUBECONFIG"), environment: environment.all)
        } catch {
            faults.append("\(error)")
        }
        let namespace = value(run.namespace, "NAMESPACE") ?? cluster?.podNamespace
        if namespace == nil, cluster != nil { _ = required(nil, "NAMESPACE") }
        let own = namespace ?? ""
        let service = value(run.serviceName, "SERVICE_NAME") ?? "weir-operator"
        let sinkService = value(run.sinkService, "SINK_SERVICE")
        let sink = required(run.sink, "SINK")
        if !sink.isEmpty, !LocalControlPlane.Options.isUsable(sink: sink) {
            faults.append("--sink \(sink): expected http[s]://HOST[:PORT]")
        }
        settings = InstallationSettings(
            namespace: own, sidecarImage: required(run.sidecarImage, "SIDECAR_IMAGE"),
            sink: sink, isSinkCertified: sinkService != nil,
            configurationURL: "https://\(service).\(own).svc:8443", version: Release.version)
        options = ControlPlane.Options(identity: Self.processIdentity)
        options.namespaces = (value(run.watchNamespaces, "WATCH_NAMESPACES") ?? "")
            .split(separator: ",").map(String.init)
        options.serviceName = service
        options.publicURL = value(run.publicURL, "PUBLIC_URL")
        if let url = options.publicURL, !ControlPlane.Options.isUsable(publicURL: url) {
            faults.append("--public-url \(url): expected https://HOST[:PORT]")
        }
        if let page = value(run.approvalsURL, "APPROVALS_URL") {
            options.approvalsLink = ApprovalsLink(page)
            if options.approvalsLink == nil {
                faults.append("--approvals-url \(page): expected https://… with {name} in it")
            }
        }
        options.sinkService = sinkService
        options.data = value(run.data, "DATA")
        options.pod = value(run.podName, "POD_NAME") ?? Self.host
        let token = value(run.token, "TOKEN") ?? Self.token
        options.token = {
            LocalFolder.read(token).map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } }
        }
        options.electsLeader = isSet(run.leaderElection, "LEADER_ELECTION", default: true)
        options.nativeSidecars = NativeSidecars.Mode(rawValue: native) ?? .auto
        options.addresses = ListenAddresses(
            host: value(run.listenAddress, "LISTEN_ADDRESS") ?? "::",
            port: port(run.port, "PORT", default: 8443),
            healthPort: port(run.healthPort, "HEALTH_PORT", default: 8081))
        let files = [
            value(run.tlsCertificate, "TLS_CERTIFICATE"), value(run.tlsKey, "TLS_KEY"),
            value(run.tlsAuthorities, "TLS_AUTHORITIES"),
        ].compactMap(\.self)
        if !files.isEmpty, files.count < 3 {
            faults.append("--tls-certificate, --tls-key and --tls-authorities go together")
        }
        if files.count == 3 {
            let contents = files.map { ($0, LocalFolder.read($0)) }
            faults += contents.filter { $0.1 == nil }.map { "\($0.0) cannot be read" }
            identity = FixedIdentity(
                TLSContext.Identity(
                    certificateChainPEM: contents[0].1 ?? [], privateKeyPEM: contents[1].1 ?? []),
                authorities: contents[2].1 ?? [])
        }
        guard faults.isEmpty, let cluster else { throw ConfigurationFaults(faults: faults) }
        server = cluster.server
    }

    /// The host's name, and a number of this process.
    private static var processIdentity: String {
        "\(host)_\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    }

    /// This host's name, which is a pod's.
    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        _ = unsafe gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// How the API server is reached.
struct ClusterConnection {
    var server: CurlAPIServer
    /// `nil` outside of a pod.
    var podNamespace: String?

    init(kubeconfig: String?, environment: [String: String]) throws(ConfigurationError) {
        if kubeconfig == nil, environment["KUBERNETES_SERVICE_HOST"] != nil {
            let account = try PodServiceAccount(environment: environment)
            server = CurlAPIServer(account.cluster, access: account.access)
            podNamespace = account.namespace
            return
        }
        let paths = kubeconfig.map { [$0] } ?? Kubeconfig.paths(environment: environment)
        let connection = try KubeconfigConnection(
            try Kubeconfig(paths: paths), environment: environment)
        server = CurlAPIServer(connection.cluster, access: connection.access)
    }
}
