/// A database, how to reach it, and who goes there through a gateway.
package struct DatabaseConnection: Resource {
    package static let kind = ResourceKind.databaseConnection

    package var metadata: ObjectMetadata
    package var spec: Spec

    package init(metadata: ObjectMetadata, spec: Spec) {
        self.metadata = metadata
        self.spec = spec
    }

    package init(metadata: ObjectMetadata, readingSpec fields: inout MappingReader) {
        self.init(metadata: metadata, spec: Spec(reading: &fields))
    }

    package struct Spec: Sendable, Equatable {
        package var `protocol`: DatabaseProtocol
        package var upstream: Upstream
        package var credentials: Credentials
        package var podSelector: LabelSelector
        package var bastion: Bastion
        package var listen: Listen
        package var identity: Identity
        package var sidecar: Sidecar
        package var failureMode: FailureMode
        package var recording: Recording
        package var rollout: Rollout
        /// `schema.name` of functions written by users that the platform vouches for.
        package var trustedFunctions: [String]

        package init(reading fields: inout MappingReader) {
            let database: DatabaseProtocol = fields.choice("protocol", else: .postgres)
            `protocol` = database
            upstream = fields.object("upstream") { Upstream(reading: &$0, protocol: database) }
            credentials = fields.object("credentials") { Credentials(reading: &$0) }
            podSelector = fields.object("podSelector") { LabelSelector(reading: &$0) }
            bastion = fields.defaultedObject("bastion") { Bastion(reading: &$0) }
            listen = fields.defaultedObject("listen") { Listen(reading: &$0) }
            identity = fields.defaultedObject("identity") { Identity(reading: &$0) }
            sidecar = fields.defaultedObject("sidecar") { Sidecar(reading: &$0) }
            failureMode = fields.defaultedObject("failureMode") { FailureMode(reading: &$0) }
            recording = fields.defaultedObject("recording") { Recording(reading: &$0) }
            rollout = fields.defaultedObject("rollout") { Rollout(reading: &$0) }
            trustedFunctions = fields.strings("trustedFunctions", .qualifiedName)
            if podSelector.isEmpty, fields.has("podSelector") {
                fields.fault(at: "podSelector", "may not be empty: it would select every pod")
            }
        }
    }
}

package enum DatabaseProtocol: String, Sendable, CaseIterable {
    case postgres
    case mysql
    case ssh

    package var defaultPort: Int {
        switch self {
        case .postgres: 5432
        case .mysql: 3306
        case .ssh: 22
        }
    }
}
