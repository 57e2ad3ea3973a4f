extension DatabaseConnection {
    /// Where the database listens, and how it proves itself.
    package struct Upstream: Sendable, Equatable {
        /// In the order they are tried; at least one.
        package var hosts: [Host]
        package var targetSessionAttributes: TargetSessionAttributes
        package var loadBalanceHosts: LoadBalanceHosts
        /// `nil`: the one the client asks for.
        package var database: String?
        package var tls: TLS
        /// For each address: until it has answered for the first time.
        package var connectTimeout: Duration
        package var role: BackendRole

        package init(reading fields: inout MappingReader, protocol: DatabaseProtocol) {
            hosts = Self.readHosts(&fields, defaultPort: `protocol`.defaultPort)
            targetSessionAttributes = fields.choice("targetSessionAttributes", default: .any)
            loadBalanceHosts = fields.choice("loadBalanceHosts", default: .disable)
            database = fields.optionalString("database")
            tls = fields.defaultedObject("tls") { TLS(reading: &$0) }
            connectTimeout = fields.duration(
                "connectTimeout", in: .milliseconds(100)...(.seconds(300)), default: .seconds(5))
            role = fields.defaultedObject("role") { BackendRole(reading: &$0) }
            if `protocol` != .postgres, hosts.contains(where: \.isSocketFolder) {
                fields.fault("names the folder of a socket, which only protocol postgres has")
            }
            if tls.channelBinding == .require, hosts.contains(where: \.isSocketFolder) {
                fields.fault(at: "tls", "requires channel binding, which a unix socket does not have")
            }
        }

        /// Either `host` with its `port`, or a list of `hosts`.
        private static func readHosts(_ fields: inout MappingReader, defaultPort: Int) -> [Host] {
            let isList = fields.has("hosts")
            let hosts = fields.objects("hosts") { fields in
                var host = Host(reading: &fields, defaultPort: defaultPort)
                host.serverName = fields.optionalString("serverName", .host)
                return host
            }
            guard isList else { return [Host(reading: &fields, defaultPort: defaultPort)] }
            for name in ["host", "port"] where fields.has(name) {
                fields.ignore(name)
                fields.fault(at: name, "has no meaning beside hosts")
            }
            if hosts.isEmpty { fields.fault(at: "hosts", "names no host") }
            return hosts
        }
    }

    /// What is made of what the gateway's own role of the database may do.
    package struct BackendRole: Sendable, Equatable {
        package var excessPrivileges: ExcessPrivileges

        package init(reading fields: inout MappingReader) {
            excessPrivileges = fields.choice("excessPrivileges", default: .report)
        }
    }

    /// Privileges that a gateway does not need: they are what a way around it would lead to.
    package enum ExcessPrivileges: String, Sendable, CaseIterable {
        case report = "Report"
        /// There is no session while the role has one, or while it is not known.
        case refuse = "Refuse"
    }

    /// One of the places a database may be at.
    package struct Host: Sendable, Hashable {
        /// A name, an address, or the absolute path of the folder that holds a server's socket.
        package var host: String
        package var port: Int
        /// The name its certificate must hold; `nil`: that of ``TLS/serverName``, or the host.
        package var serverName: String?

        package init(host: String, port: Int, serverName: String? = nil) {
            self.host = host
            self.port = port
            self.serverName = serverName
        }

        /// Reads `host` and `port` from among other fields.
        fileprivate init(reading fields: inout MappingReader, defaultPort: Int) {
            self.init(
                host: fields.string("host", .serverHost),
                port: fields.integer("port", in: 1...65_535, default: defaultPort))
            if isSocketFolder, let fault = StringFormat.socketPath.fault(in: socketPath) {
                fields.fault(at: "host", "makes a socket that \(fault)")
            }
        }

        package var isSocketFolder: Bool { host.hasPrefix("/") }

        /// Where a server puts its socket within the folder, as libpq has it.
        package var socketPath: String { ServerSocket.path(inFolder: host, port: port) }
    }

    /// Which servers may serve; libpq's `target_session_attrs`.
    package enum TargetSessionAttributes: String, Sendable, CaseIterable {
        case any = "Any"
        /// Sessions may write.
        case readWrite = "ReadWrite"
        case readOnly = "ReadOnly"
        case primary = "Primary"
        case standby = "Standby"
        /// A standby, but any server when there is none.
        case preferStandby = "PreferStandby"
    }

    package enum LoadBalanceHosts: String, Sendable, CaseIterable {
        /// Hosts and their addresses in the order given.
        case disable = "Disable"
        /// In another order for each session.
        case random = "Random"
    }
}

/// The name PostgreSQL gives its sockets.
package enum ServerSocket {
    package static func path(inFolder folder: String, port: Int) -> String {
        folder + (folder.hasSuffix("/") ? "" : "/") + ".s.PGSQL.\(port)"
    }
}
