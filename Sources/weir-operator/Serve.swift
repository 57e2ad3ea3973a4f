import ArgumentParser
import Logging
import Operator
import Telemetry

/// `weir-operator serve`: the operator without a cluster. Every option can also come from the environment, as `WEIR_` and
/// its name in capitals.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve gateways without a cluster, from a folder of manifests.",
        discussion: """
            Gateways get their configuration and ask for approvals over HTTPS, people list and decide them with \
            weirctl approvals. The certificate's authority is written to DATA/ca.crt at each start; requests are kept \
            in DATA/approvals.

            Whoever calls shows a token of at least 16 characters: that of the file TOKENS/gateways/NAME or \
            TOKENS/people/NAME which holds it. Tokens of issuers are exchanged for grants, and identities revoked, as in \
            a cluster; an identity provider shows the token of TOKENS/scim/token. Nobody approves what they ask for themselves, unless the rule says so: \
            the names of people are those of their database sessions.

            Exit status: 0 after SIGTERM, 64 for options that cannot be used, 1 for anything else.
            """)

    @Option(help: "Folder of the resources' YAML.")
    var manifests: String?
    @Option(help: "Namespace of the connections and rules. (default: default)")
    var namespace: String?
    @Option(help: "Folder of what is kept; made if there is none.")
    var data: String?
    @Option(help: "Folder of the tokens of gateways and people.")
    var tokens: String?
    @Option(help: "GROUP=NAME[,NAME...]: people who belong to a group. May be repeated.")
    var group: [String] = []
    @Option(help: "NAME[,NAME...]: people who may look at identities and revoke them. (default: nobody)")
    var administrators: String?
    @Option(help: "Address to listen on. (default: 127.0.0.1)")
    var listenAddress: String?
    @Option(help: "Port of HTTPS. (default: 8443)")
    var port: String?
    @Option(help: "NAME[,NAME...] that the certificate is for. (default: localhost)")
    var hostNames: String?
    @Option(
        name: .customLong("public-url"),
        help: "Where browsers reach it, for SAML: https://HOST[:PORT]. (default: nobody signs in)")
    var publicURL: String?
    @Option(
        help:
            "Base URL of the audit sink, for the operator's own audit log. (default: it stays in DATA/audit)")
    var sink: String?
    @Option(
        name: .customLong("sink-ca"),
        help: "PEM of the authorities to trust for the sink. (default: the system's)")
    var sinkAuthorities: String?
    @Option(help: "Folder of the Secrets of webhooks: SECRET/KEY within. (default: none)")
    var secrets: String?
    @Option(
        name: .customLong("approvals-url"),
        help: "Page that notifications of approvals link to: https://…{namespace}…{name}. (default: none)")
    var approvalsURL: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    func run() async throws {
        try CoreDumps.forbid()
        let environment = ProcessEnvironment.ofThisProcess
        var faults: [String] = []
        func value(_ option: String?, _ name: String, default fallback: String? = nil) -> String {
            if let given = option ?? environment[name] ?? fallback, !given.isEmpty { return given }
            faults.append(
                "--\(name.lowercased()) (or WEIR_\(name)) is missing; see weir-operator serve --help")
            return ""
        }
        let level = value(logLevel, "LOG_LEVEL", default: "info")
        if Logger.Level(rawValue: level) == nil { faults.append("--log-level \(level): no such level") }
        let portText = value(port, "PORT", default: "8443")
        if UInt16(portText) == nil { faults.append("--port \(portText): no port") }
        let browsers = publicURL ?? environment["PUBLIC_URL"]
        if let browsers, !ControlPlane.Options.isUsable(publicURL: browsers) {
            faults.append("--public-url \(browsers): expected https://HOST[:PORT]")
        }
        let sinkURL = sink ?? environment["SINK"]
        if let sinkURL, !LocalControlPlane.Options.isUsable(sink: sinkURL) {
            faults.append("--sink \(sinkURL): expected http[s]://HOST[:PORT]")
        }
        let page = approvalsURL ?? environment["APPROVALS_URL"]
        let link = page.flatMap(ApprovalsLink.init)
        if let page, link == nil {
            faults.append("--approvals-url \(page): expected https://… with {name} in it")
        }
        let folders = (manifests: value(manifests, "MANIFESTS"), tokens: value(tokens, "TOKENS"))
        for (option, folder) in [("--manifests", folders.manifests), ("--tokens", folders.tokens)] {
            guard !folder.isEmpty, let fault = LocalFolder.fault(of: folder) else { continue }
            faults.append("\(option) \(fault)")
        }
        let options = LocalControlPlane.Options(
            manifests: folders.manifests, namespace: value(namespace, "NAMESPACE", default: "default"),
            data: value(data, "DATA"), tokens: folders.tokens, groups: groups(&faults),
            addresses: ListenAddresses(
                host: value(listenAddress, "LISTEN_ADDRESS", default: "127.0.0.1"), port: Int(portText) ?? 0),
            hostNames: value(hostNames, "HOST_NAMES", default: "localhost").split(separator: ",").map(
                String.init),
            administrators: Set(
                (administrators ?? environment["ADMINISTRATORS"] ?? "").split(separator: ",").map(String.init)
            ),
            publicURL: browsers, sink: sinkURL, sinkAuthorities: sinkAuthorities ?? environment["SINK_CA"],
            secrets: secrets ?? environment["SECRETS"], approvalsLink: link)
        guard faults.isEmpty else { throw Exit.configuration("\(ConfigurationFaults(faults: faults))") }
        StandardErrorLog.install(level: Logger.Level(rawValue: level) ?? .info)
        let logger = Logger(label: "weir-operator")
        try await LocalControlPlane(options, logger: logger, now: OperatorProcess.now).run(
            until: { await TerminationSignal.wait() },
            isListening: { port in logger.notice("listening", metadata: ["port": "\(port)"]) })
    }

    /// The groups of each person.
    private func groups(_ faults: inout [String]) -> [String: [String]] {
        var groups: [String: [String]] = [:]
        for text in group {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                faults.append("--group \(text): expected GROUP=NAME,NAME")
                continue
            }
            for name in parts[1].split(separator: ",") { groups[String(name), default: []].append(parts[0]) }
        }
        return groups
    }
}
