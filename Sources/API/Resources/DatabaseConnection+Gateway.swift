extension DatabaseConnection {
    /// A stand-alone gateway Service for people and CI.
    package struct Bastion: Sendable, Equatable {
        package var enabled: Bool

        package init(reading fields: inout MappingReader) {
            enabled = fields.boolean("enabled", default: false)
        }
    }

    /// Where the gateway listens, and how the application is told.
    package struct Listen: Sendable, Equatable {
        package static let defaultPort = 15_432
        /// Anybody who can reach the folder, as with PostgreSQL.
        package static let defaultPermissions: UInt32 = 0o777

        package var port: Int
        /// A socket file, or a folder when it ends in `/`.
        package var unixSocketPath: String?
        /// Who may connect to the socket, as mode bits of its file.
        package var unixSocketPermissions: UInt32
        package var env: Environment
        /// Names of the containers whose environment is rewritten; empty: all.
        package var containers: [String]

        package init(reading fields: inout MappingReader) {
            port = fields.integer("port", in: 1...65_535, default: Self.defaultPort)
            unixSocketPath = fields.optionalString("unixSocketPath", .socketPath)
            let permissions = fields.optionalString("unixSocketPermissions", .fileMode)
            unixSocketPermissions = permissions.flatMap { UInt32($0, radix: 8) } ?? Self.defaultPermissions
            env = fields.defaultedObject("env") { Environment(reading: &$0) }
            containers = fields.strings("containers", .label)
            if let unixSocket, let fault = StringFormat.socketPath.fault(in: unixSocket) {
                fields.fault(at: "unixSocketPath", "makes a socket that \(fault)")
            }
            if permissions != nil, unixSocketPath == nil, !fields.has("unixSocketPath") {
                fields.fault(at: "unixSocketPermissions", "has no meaning without unixSocketPath")
            }
        }

        /// The socket's file. In a folder it has the name clients of PostgreSQL look for with that port.
        package var unixSocket: String? {
            unixSocketPath.map { $0.hasSuffix("/") ? ServerSocket.path(inFolder: $0, port: port) : $0 }
        }
    }

    /// The application's environment variables that are pointed at the gateway; `nil`: none.
    package struct Environment: Sendable, Equatable {
        package var host: String?
        package var port: String?
        package var url: String?

        package init(reading fields: inout MappingReader) {
            host = fields.optionalString("host", .environmentVariable)
            port = fields.optionalString("port", .environmentVariable)
            url = fields.optionalString("url", .environmentVariable)
        }
    }

    package struct Recording: Sendable, Equatable {
        package enum Statements: String, Sendable, CaseIterable {
            /// Text as sent, with literals replaced where they may hold governed values.
            case full = "Full"
            /// Every literal replaced.
            case redacted = "Redacted"
        }

        package enum Parameters: String, Sendable, CaseIterable {
            case full = "Full"
            case redacted = "Redacted"
            case none = "None"
        }

        package enum Results: String, Sendable, CaseIterable {
            case none = "None"
        }

        package var statements: Statements
        package var parameters: Parameters
        package var results: Results

        package init(reading fields: inout MappingReader) {
            statements = fields.choice("statements", default: .full)
            parameters = fields.choice("parameters", default: .redacted)
            results = fields.choice("results", default: .none)
        }
    }

    /// What happens when a part of Weir is out of reach.
    package struct FailureMode: Sendable, Equatable {
        package enum ConfigStale: String, Sendable, CaseIterable {
            case lastKnownGood = "LastKnownGood"
            case deny = "Deny"
        }

        package enum AuditUnavailable: String, Sendable, CaseIterable {
            /// Spool up to ``FailureMode/auditBufferBytes``, then deny.
            case buffer = "Buffer"
            case deny = "Deny"
        }

        package var configStale: ConfigStale
        package var maxStaleness: Duration
        package var auditUnavailable: AuditUnavailable
        package var auditBufferBytes: Int

        package init(reading fields: inout MappingReader) {
            configStale = fields.choice("configStale", default: .lastKnownGood)
            maxStaleness = fields.duration(
                "maxStaleness", in: .seconds(60)...(.seconds(30 * 86_400)), default: .seconds(86_400))
            auditUnavailable = fields.choice("auditUnavailable", default: .buffer)
            auditBufferBytes = fields.integer(
                "auditBufferBytes", in: (1 << 20)...(1 << 40), default: 64 << 20)
        }
    }
}
