extension DatabaseConnection {
    /// How the operator runs the gateway within a pod. Of it, a gateway itself reads ``drainTimeout`` alone.
    package struct Sidecar: Sendable, Equatable {
        package enum Mode: String, Sendable, CaseIterable {
            /// Native where every kubelet can, otherwise a container.
            case auto = "Auto"
            case native = "Native"
            case container = "Container"
        }

        package enum LogLevel: String, Sendable, CaseIterable {
            case trace, debug, info, notice, warning, error, critical
        }

        package var mode: Mode
        package var holdApplication: Bool
        package var resources: Resources
        package var drainTimeout: Duration
        package var logLevel: LogLevel

        package init(reading fields: inout MappingReader) {
            mode = fields.choice("mode", default: .auto)
            holdApplication = fields.boolean("holdApplication", default: true)
            resources = fields.defaultedObject("resources") { Resources(reading: &$0) }
            drainTimeout = fields.duration(
                "drainTimeout", in: .zero...(.seconds(3600)), default: .seconds(20))
            logLevel = fields.choice("logLevel", default: .info)
        }
    }

    /// Kubernetes quantities by resource name (`cpu`, `memory`); empty: the operator's own.
    package struct Resources: Sendable, Equatable {
        package var requests: [String: String]
        package var limits: [String: String]

        package init(reading fields: inout MappingReader) {
            requests = fields.stringMap("requests", .quantity)
            limits = fields.stringMap("limits", .quantity)
        }
    }

    /// How the operator replaces outdated sidecars.
    package struct Rollout: Sendable, Equatable {
        package enum Strategy: String, Sendable, CaseIterable {
            case inPlace = "InPlace"
            case templateRestart = "TemplateRestart"
            case onDelete = "OnDelete"
        }

        package var strategy: Strategy
        /// Pods.
        package var maxUnavailable: Int
        package var paused: Bool

        package init(reading fields: inout MappingReader) {
            strategy = fields.choice("strategy", default: .inPlace)
            maxUnavailable = fields.integer("maxUnavailable", in: 1...1000, default: 1)
            paused = fields.boolean("paused", default: false)
        }
    }
}
