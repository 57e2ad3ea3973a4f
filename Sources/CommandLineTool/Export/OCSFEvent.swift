import API
import Audit
import FoundationEssentials

/// One record as an event of the Open Cybersecurity Schema Framework, version 1.3: log-ins as Authentication (3002),
/// statements as Datastore Activity (6005).
struct OCSFEvent: Encodable {
    var activityID: Int
    var categoryUID: Int
    var classUID: Int
    var typeUID: Int
    /// Milliseconds since the epoch.
    var time: Int64
    var severityID: Int
    var statusID: Int?
    var statusDetail: String?
    var message: String
    /// Of the security_control profile: 1 allowed, 2 denied, 4 modified.
    var actionID: Int?
    var actor: Actor?
    var user: User?
    var srcEndpoint: Endpoint?
    var database: Named?
    var queryInfo: Query?
    var metadata: Metadata

    struct Actor: Encodable {
        var user: User
        var session: Session?
    }

    struct User: Encodable {
        var name: String
        var groups: [Named]?
    }

    struct Named: Encodable {
        var name: String
    }

    struct Session: Encodable {
        var uid: String
    }

    struct Endpoint: Encodable {
        var name: String
    }

    struct Query: Encodable {
        var queryString: String
        var uid: String
    }

    struct Metadata: Encodable {
        struct Product: Encodable {
            var name = "Weir"
            var vendorName = "Weir"
        }

        var version = "1.3.0"
        var product = Product()
        var profiles: [String]
        var logName: String
        var sequence: UInt64
        var originalTime: String
        var uid: String
    }

    private enum Class {
        static let authentication = (category: 3, uid: 3002)
        static let datastoreActivity = (category: 6, uid: 6005)
    }

    /// - Returns: `nil` for records without a class: outcomes, and those of the gateway itself.
    init?(_ record: Record, _ body: AuditEvent.Body, session: SessionStarted?, gateway: String) {
        let identifier = record.session == .gateway ? "" : record.session.hexadecimal
        metadata = Metadata(
            profiles: ["security_control"], logName: gateway, sequence: record.sequence,
            originalTime: record.time.text, uid: record.hash.hexadecimal)
        time = record.time.microsecondsSinceEpoch / 1000
        severityID = 1
        if let session {
            let user = User(
                name: session.subject.name, groups: session.subject.groups.map(Named.init(name:)))
            actor = Actor(user: user, session: Session(uid: identifier))
            self.user = user
            srcEndpoint = Endpoint(name: session.clientAddress)
            database = Named(name: session.database)
        }
        switch body {
        case .sessionStarted:
            (activityID, statusID) = (1, 1)
            message = "log-in"
            (categoryUID, classUID) = Class.authentication
        case .sessionRefused(let refusal):
            (activityID, statusID, severityID, actionID) = (1, 2, 3, 2)
            message = "log-in refused"
            statusDetail = refusal.told
            user = User(name: refusal.claimedUser)
            srcEndpoint = Endpoint(name: refusal.clientAddress)
            (categoryUID, classUID) = Class.authentication
        case .sessionEnded(let end):
            (activityID, statusID) = (2, 1)
            message = "log-off"
            statusDetail = end.reason
            (categoryUID, classUID) = Class.authentication
        case .statement(let intent):
            activityID = 4  // query
            message = intent.rule.isEmpty ? "statement" : "statement under \(intent.rule)"
            switch intent.verdict {
            case .allow: (actionID, statusID) = (1, 1)
            case .mask: (actionID, statusID) = (4, 1)
            case .refuse: (actionID, statusID, severityID) = (2, 2, 3)
            }
            if !intent.onBehalfOf.isEmpty { user = User(name: intent.onBehalfOf) }
            queryInfo = Query(
                queryString: String(decoding: intent.text, as: UTF8.self), uid: "\(intent.number)")
            (categoryUID, classUID) = Class.datastoreActivity
        case .gatewayStarted, .configurationApplied, .databaseRole, .outcome, .approval, .onBehalfOf:
            return nil
        }
        typeUID = classUID * 100 + activityID
    }

    /// With its line feed.
    var line: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [0x0a]
        }
    }
}
