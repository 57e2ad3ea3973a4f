import FoundationEssentials
package import Kubernetes
import Synchronization

/// A program that makes credentials (`ExecConfig`, client.authentication.k8s.io).
package struct ExecPlugin: Sendable, Equatable {
    /// A name to be looked for on the `PATH`, or a path.
    package var command: String
    package var arguments: [String]
    /// Added to the environment.
    package var environment: [String: String]
    /// `client.authentication.k8s.io/v1` or `v1beta1`.
    package var apiVersion: String
    /// What to do where the program is not installed.
    package var installHint: String
    /// What the program is told of the cluster; `nil` where it does not ask.
    package var cluster: JSON?
}

/// Access from a plugin, which is run again when what it made expires or is refused.
package actor ExecAccess: AccessSource {
    /// What a plugin may take. Ours.
    static let timeLimit = Duration.seconds(60)
    /// In bytes. Ours.
    static let outputLimit = 1 << 20

    private let plugin: ExecPlugin
    private let base: Access
    private let environment: [String: String]
    private let now: @Sendable () -> Timestamp
    private var known: (access: Access, expiration: Timestamp?)?
    /// The run under way, which all wait for.
    private var run: Task<Result<(Access, Timestamp?), TransportFailure>, Never>?

    /// What the plugin does not make is as in `base`. The environment is the plugin's as well.
    package init(
        _ plugin: ExecPlugin, _ base: Access, environment: [String: String],
        now: @escaping @Sendable () -> Timestamp = Timestamp.wallClock
    ) {
        self.plugin = plugin
        self.base = base
        self.environment = environment
        self.now = now
    }

    package func current() async throws(TransportFailure) -> Access {
        if let known, known.expiration.map({ now() < $0 }) ?? true { return known.access }
        return try await renew()
    }

    package func renewed(after refused: Access) async throws(TransportFailure) -> Access? {
        if let known, known.access != refused { return known.access }
        let access = try await renew()
        return access == refused ? nil : access
    }

    private func renew() async throws(TransportFailure) -> Access {
        let run = run ?? Task { await Self.run(plugin, base, environment) }
        self.run = run
        let result = await run.value
        if self.run == run { self.run = nil }
        let (access, expiration) = try result.get()
        known = (access, expiration)
        return access
    }

    private static func run(
        _ plugin: ExecPlugin, _ base: Access, _ environment: [String: String]
    ) async -> Result<(Access, Timestamp?), TransportFailure> {
        var spec: JSON = ["interactive": false]
        spec["cluster"] = plugin.cluster
        let info: JSON = ["apiVersion": .string(plugin.apiVersion), "kind": "ExecCredential", "spec": spec]
        var environment = environment.merging(plugin.environment) { $1 }
        environment["KUBERNETES_EXEC_INFO"] = "\(info)"
        let program = ChildProcess(
            command: plugin.command, arguments: plugin.arguments, environment: environment,
            timeLimit: timeLimit,
            outputLimit: outputLimit)
        do throws(ConfigurationError) {
            return .success(try credentials(of: try await program.run(), plugin, base))
        } catch {
            let hint = plugin.installHint.isEmpty ? "" : "; \(plugin.installHint)"
            return .failure(.credentials("\(plugin.command): \(error.description)\(hint)"))
        }
    }

    /// Of an `ExecCredential`.
    static func credentials(
        of output: [UInt8], _ plugin: ExecPlugin, _ base: Access
    ) throws(ConfigurationError) -> (Access, Timestamp?) {
        guard let json = try? JSON(parsing: output), json["kind"]?.string == "ExecCredential",
            json["apiVersion"]?.string == plugin.apiVersion, let status = json["status"]?.object
        else { throw ConfigurationError("it made no ExecCredential of \(plugin.apiVersion) with a status") }
        var access = base
        if let token = status["token"]?.string {
            access.authorization = "Bearer \(try BearerToken.trimmed(Array(token.utf8), from: "its token"))"
        }
        switch (status["clientCertificateData"]?.string, status["clientKeyData"]?.string) {
        case (let certificates?, let key?):
            access.identity = ClientIdentity(certificates: Array(certificates.utf8), key: Array(key.utf8))
        case (nil, nil): break
        case (nil, _?), (_?, nil):
            throw ConfigurationError("it made a certificate or a key without the other")
        }
        guard access != base else { throw ConfigurationError("it made neither a token nor a certificate") }
        guard let text = status["expirationTimestamp"]?.string else { return (access, nil) }
        guard let expiration = Timestamp(text) else {
            throw ConfigurationError("its expirationTimestamp is no time")
        }
        return (access, expiration)
    }
}

extension Timestamp {
    package static let wallClock: @Sendable () -> Timestamp = {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
