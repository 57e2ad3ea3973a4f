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
        package var hiddenCode: HiddenCode
        package var session: Session
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
            hiddenCode = fields.choice("hiddenCode", default: .refuse)
            session = fields.defaultedObject("session") { Session(reading: &$0) }
            trustedFunctions = fields.strings("trustedFunctions", .qualifiedName)
            if podSelector.isEmpty, fields.has("podSelector") {
                fields.fault(at: "podSelector", "may not be empty: it would select every pod")
            }
        }
    }
}

extension DatabaseConnection {
    /// What masking makes of code whose effects a statement's text does not show: functions of users, `DO`, `CALL`,
    /// what they and triggers do, definitions of such code, changes of roles and privileges, administration.
    package enum HiddenCode: String, Sendable, CaseIterable {
        case refuse = "Refuse"
        /// It runs unless the statement itself reads or writes a governed relation: what the database role may do is
        /// then all that keeps such code from governed values.
        case pass = "Pass"
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
