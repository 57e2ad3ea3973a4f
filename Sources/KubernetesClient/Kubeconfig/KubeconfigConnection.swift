import API
import FoundationEssentials
import Kubernetes

/// How a kubeconfig says to reach a cluster.
package struct KubeconfigConnection {
    package let cluster: ClusterAddress
    package let access: any AccessSource
    /// For objects of which nothing else is said.
    package let namespace: String

    /// Throws for whatever cannot be used as it is meant, and for files that cannot be read: nothing is left out
    /// that would have made the connection safer.
    package init(
        _ kubeconfig: Kubeconfig, context: String? = nil, environment: [String: String]
    ) throws(ConfigurationError) {
        let (cluster, user, namespace) = try kubeconfig.entries(of: context)
        self.namespace = namespace
        guard let server = try cluster.text("server") else { throw cluster.fault("server", "is missing") }
        self.cluster = try ClusterAddress(
            server, tlsServerName: try cluster.text("tls-server-name"), proxy: try cluster.text("proxy-url"),
            impersonation: try Self.impersonation(user))
        if user.fields["auth-provider"] != nil {
            throw user.fault("auth-provider", "is no longer used; name a program under exec")
        }
        var files = FileAccess.Files()
        var access = Access(trust: try Self.trust(cluster, &files))
        try Self.identify(user, &access, &files)
        guard let exec = try Self.plugin(user, cluster) else {
            self.access = files == FileAccess.Files() ? FixedAccess(access) : FileAccess(access, files)
            return
        }
        self.access = ExecAccess(exec, try Self.read(access, files), environment: environment)
    }

    // MARK: - The cluster

    private static func trust(
        _ cluster: Kubeconfig.Entry, _ files: inout FileAccess.Files
    ) throws(ConfigurationError) -> Trust {
        let data = try bytes(cluster, "certificate-authority-data")
        files.authorities = data == nil ? try cluster.path("certificate-authority") : nil
        if let file = files.authorities { _ = try SmallFile.read(file) }
        guard try cluster.isTrue("insecure-skip-tls-verify") else {
            return data.map { .authorities($0) } ?? .system
        }
        guard data == nil, files.authorities == nil else {
            throw cluster.fault("insecure-skip-tls-verify", "contradicts the certificate authority")
        }
        return .anybody
    }

    // MARK: - The user

    private static func identify(
        _ user: Kubeconfig.Entry, _ access: inout Access, _ files: inout FileAccess.Files
    ) throws(ConfigurationError) {
        let certificates = try bytes(user, "client-certificate-data")
        let key = try bytes(user, "client-key-data")
        files.certificates = certificates == nil ? try user.path("client-certificate") : nil
        files.key = key == nil ? try user.path("client-key") : nil
        let hasCertificate = certificates != nil || files.certificates != nil
        guard hasCertificate == (key != nil || files.key != nil) else {
            throw user.fault("client-certificate", "and client-key are only of use together")
        }
        if certificates != nil || key != nil {
            access.identity = ClientIdentity(certificates: certificates ?? [], key: key ?? [])
        }
        if let token = try user.text("token") {
            access.authorization = "Bearer \(try BearerToken.trimmed(Array(token.utf8), from: "token"))"
        } else if let name = try user.text("username") {
            let pair = Data("\(name):\(try user.text("password") ?? "")".utf8)
            access.authorization = "Basic \(pair.base64EncodedString())"
        }
        // Both may be there; the file is the newer one.
        files.token = try user.path("tokenFile")
        for file in [files.token, files.certificates, files.key].compactMap(\.self) {
            _ = try SmallFile.read(file)
        }
    }

    /// What files hold now, for a plugin's access: it is made anew in time.
    private static func read(_ access: Access, _ files: FileAccess.Files) throws(ConfigurationError) -> Access
    {
        var access = access
        if let file = files.authorities { access.trust = .authorities(try SmallFile.read(file)) }
        if let file = files.certificates {
            access.identity = ClientIdentity(
                certificates: try SmallFile.read(file), key: access.identity?.key ?? [])
        }
        if let file = files.key {
            access.identity = ClientIdentity(
                certificates: access.identity?.certificates ?? [], key: try SmallFile.read(file))
        }
        return access
    }

    private static func impersonation(_ user: Kubeconfig.Entry) throws(ConfigurationError) -> [APIResponse
        .Header]
    {
        var headers: [APIResponse.Header] = []
        if let name = try user.text("as") { headers.append(.init("Impersonate-User", name)) }
        if let uid = try user.text("as-uid") { headers.append(.init("Impersonate-Uid", uid)) }
        headers += try user.texts("as-groups").map { .init("Impersonate-Group", $0) }
        if case .mapping(let extra)? = user.fields["as-user-extra"]?.value {
            let entry = Kubeconfig.Entry(
                fields: ManifestNode(.mapping(extra), at: user.fields.position), folder: "")
            for field in extra {
                let name = "Impersonate-Extra-\(APIRequest.headerName(field.key))"
                headers += try entry.texts(field.key).map { .init(name, $0) }
            }
        }
        guard headers.isEmpty || headers[0].name == "Impersonate-User" else {
            throw user.fault("as", "is missing beside what else is said of it")
        }
        return headers
    }

    private static func plugin(
        _ user: Kubeconfig.Entry, _ cluster: Kubeconfig.Entry
    ) throws(ConfigurationError) -> ExecPlugin? {
        guard let fields = user.fields["exec"], fields.value != .null else { return nil }
        let exec = Kubeconfig.Entry(fields: fields, folder: user.folder)
        guard let command = try exec.text("command") else { throw exec.fault("command", "is missing") }
        let version = try exec.text("apiVersion") ?? ""
        guard ["v1", "v1beta1"].contains(where: { version == "client.authentication.k8s.io/\($0)" }) else {
            throw exec.fault("apiVersion", "is not client.authentication.k8s.io/v1")
        }
        guard try exec.text("interactiveMode") != "Always" else {
            throw exec.fault("interactiveMode", "asks for a terminal, which there is none of")
        }
        var environment: [String: String] = [:]
        if case .sequence(let items)? = exec.fields["env"]?.value {
            for item in items {
                let variable = Kubeconfig.Entry(fields: item, folder: "")
                guard let name = try variable.text("name") else { throw variable.fault("name", "is missing") }
                environment[name] = try variable.text("value") ?? ""
            }
        }
        // A path is relative to the file; a name is looked for.
        let isRelative = command.contains("/") && !command.hasPrefix("/")
        return ExecPlugin(
            command: isRelative ? exec.absolute(command) : command, arguments: try exec.texts("args"),
            environment: environment, apiVersion: version, installHint: try exec.text("installHint") ?? "",
            cluster: try exec.isTrue("provideClusterInfo") ? try clusterInfo(cluster) : nil)
    }

    /// What a plugin is told of the cluster (`Cluster`, client.authentication.k8s.io/v1).
    private static func clusterInfo(_ cluster: Kubeconfig.Entry) throws(ConfigurationError) -> JSON {
        var info: JSON = [:]
        for name in ["server", "tls-server-name", "proxy-url"] {
            info[name] = try cluster.text(name).map { .string($0) }
        }
        if try cluster.isTrue("insecure-skip-tls-verify") { info["insecure-skip-tls-verify"] = true }
        var authorities = try bytes(cluster, "certificate-authority-data")
        if authorities == nil, let file = try cluster.path("certificate-authority") {
            authorities = try SmallFile.read(file)
        }
        info["certificate-authority-data"] = authorities.map { .string(Data($0).base64EncodedString()) }
        if case .sequence(let extensions)? = cluster.fields["extensions"]?.value {
            for item in extensions where item["name"]?.value == .string("client.authentication.k8s.io/exec") {
                info["config"] = item["extension"].map { JSON($0) }
            }
        }
        return info
    }

    /// Of a field in Base64.
    private static func bytes(
        _ entry: Kubeconfig.Entry, _ name: String
    ) throws(ConfigurationError) -> [UInt8]? {
        guard let text = try entry.text(name) else { return nil }
        guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }), !data.isEmpty else {
            throw entry.fault(name, "is not Base64")
        }
        return Array(data)
    }
}

extension JSON {
    fileprivate init(_ node: ManifestNode) {
        switch node.value {
        case .null: self = .null
        case .boolean(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let text): self = .string(text)
        case .string(let text): self = .string(text)
        case .sequence(let items): self = .array(items.map { JSON($0) })
        case .mapping(let fields): self = .object(Object(fields.map { ($0.key, JSON($0.value)) }))
        }
    }
}

extension APIRequest {
    /// A key of any characters as part of a header's name, as the API server reads it.
    fileprivate static func headerName(_ key: String) -> String {
        var name = ""
        for byte in key.lowercased().utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "_"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default: name += "%\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
            }
        }
        return name
    }
}
