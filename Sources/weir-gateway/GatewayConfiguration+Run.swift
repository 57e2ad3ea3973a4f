import Gateway
import Glibc
import Logging

/// Everything that is wrong with the options, one a line.
struct ConfigurationFaults: Error, CustomStringConvertible {
    var faults: [String]

    var description: String { faults.map { "weir-gateway: \($0)" }.joined(separator: "\n") }
}

/// The variables `WEIR_…`.
struct WeirEnvironment {
    let value: (String) -> String?

    static var ofThisProcess: Self {
        Self { name in unsafe getenv("WEIR_" + name).map { unsafe String(cString: $0) } }
    }
}

extension GatewayConfiguration {
    /// Options count before the environment; every fault is reported at once.
    init(_ options: Run, environment: WeirEnvironment) throws(ConfigurationFaults) {
        var faults: [String] = []
        func value(_ option: String?, _ name: String) -> String? {
            let given = option ?? environment.value(name)
            return given.flatMap { $0.isEmpty ? nil : $0 }
        }
        func required(_ option: String?, _ name: String) -> String {
            if let given = value(option, name) { return given }
            let flag = name.lowercased().replacing("_", with: "-")
            faults.append("--\(flag) (or WEIR_\(name)) is missing; see weir-gateway run --help")
            return ""
        }
        func isSet(_ name: String) -> Bool {
            guard let text = value(nil, name) else { return false }
            if text != "true", text != "false" {
                faults.append("WEIR_\(name)=\(text): expected true or false")
            }
            return text == "true"
        }
        func list(_ text: String?) -> [String] {
            (text?.split(separator: ",") ?? []).map { part in
                var part = part.drop { $0 == " " }
                while part.last == " " { part.removeLast() }
                return String(part)
            }
        }

        var groups: [String: [String]] = [:]
        let groupEntries =
            options.userGroups.isEmpty
            ? value(nil, "USER_GROUPS")?.split(separator: ";").map(String.init) ?? [] : options.userGroups
        for entry in groupEntries {
            let parts = entry.split(separator: "=", maxSplits: 1)
            if parts.count == 2 {
                groups[String(parts[0])] = list(String(parts[1]))
            } else {
                faults.append("--user-groups \(entry): expected USER=GROUP[,GROUP...]")
            }
        }
        let certificate = value(options.tlsCertificate, "TLS_CERTIFICATE")
        let key = value(options.tlsKey, "TLS_KEY")
        if (certificate == nil) != (key == nil) {
            faults.append("--tls-certificate and --tls-key go together")
        }
        let requiresTLS = options.requireTLS || isSet("REQUIRE_TLS")
        if requiresTLS, certificate == nil {
            faults.append("--require-tls needs --tls-certificate and --tls-key")
        }
        let level = value(options.logLevel, "LOG_LEVEL") ?? "info"
        if Logger.Level(rawValue: level) == nil { faults.append("--log-level \(level): no such level") }
        let controlPlane = value(options.operatorURL, "OPERATOR").map { url in
            if !url.hasPrefix("https://") { faults.append("--operator \(url): only https:// is possible") }
            return ControlPlane(
                url: url, certificateAuthorities: required(options.operatorCA, "OPERATOR_CA"),
                token: required(options.token, "TOKEN"))
        }
        let healthAddress = value(options.healthAddress, "HEALTH_ADDRESS")
        let healthEndpoint = healthAddress.flatMap(Self.endpoint)
        if let healthAddress, healthEndpoint == nil {
            faults.append("--health-address \(healthAddress): expected ADDRESS:PORT")
        }
        let shutdownPort = value(options.shutdownPort, "SHUTDOWN_PORT")
        let port = shutdownPort.flatMap(UInt16.init).flatMap { $0 > 0 ? $0 : nil }
        if let shutdownPort, port == nil { faults.append("--shutdown-port \(shutdownPort): no port") }
        let drainTimeout = value(options.drainTimeout, "DRAIN_TIMEOUT")
        let drainTime = drainTimeout.map(Self.duration) ?? Self.defaultDrainTimeout
        if let drainTimeout, drainTime == nil {
            faults.append("--drain-timeout \(drainTimeout): no duration, such as 20s")
        }
        let connections = value(options.connections, "CONNECTIONS").map { Set(list($0)) }
        if connections?.isEmpty == true { faults.append("--connections: names none") }
        let workload = value(options.workloadIdentity, "WORKLOAD_IDENTITY").map { name in
            Workload(name: name, groups: list(value(options.workloadGroups, "WORKLOAD_GROUPS")))
        }
        let users = value(options.users, "USERS")
        self.init(
            manifests: required(options.manifests, "MANIFESTS"),
            namespace: value(options.namespace, "NAMESPACE") ?? "default", connections: connections,
            secrets: required(options.secrets, "SECRETS"), data: required(options.data, "DATA"),
            sink: required(options.sink, "SINK"), name: value(options.name, "NAME") ?? Self.hostName,
            listenAddresses: list(value(options.listenAddress, "LISTEN_ADDRESS") ?? "127.0.0.1").map(
                Self.withoutBrackets),
            clientTLS: certificate.flatMap { certificate in
                key.map { TLSFiles(certificate: certificate, key: $0) }
            },
            requiresTLS: requiresTLS, users: users, userGroups: groups, workload: workload,
            logLevel: Logger.Level(rawValue: level) ?? .info, controlPlane: controlPlane,
            healthAddress: healthEndpoint, shutdownPort: port,
            drainTimeout: drainTime ?? Self.defaultDrainTimeout)
        sinkCertificateAuthorities = value(options.sinkCA, "SINK_CA")
        guard faults.isEmpty else { throw ConfigurationFaults(faults: faults) }
    }

    /// An IPv6 address may be written as in a URL.
    private static func withoutBrackets(_ address: String) -> String {
        address.hasPrefix("[") && address.hasSuffix("]") ? String(address.dropFirst().dropLast()) : address
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "gateway" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
