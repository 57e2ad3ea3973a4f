package import Audit

/// One session, or one refused log-in, as the query API tells it.
package struct SessionSummary: Sendable, Equatable, Codable {
    /// 32 hexadecimal digits; empty for a log-in that was refused before there was a session.
    package var session: String
    package var gateway: String
    /// `Open`, `Ended`, `Lost` (its gateway started anew without ending it) or `Refused`.
    package var state: String
    package var subject: String
    package var groups: [String]
    /// How the subject was proven.
    package var proof: String
    package var claimedUser: String
    package var connection: String
    package var database: String
    package var applicationName: String
    package var clientAddress: String
    package var clientTLS: String
    /// ISO 8601 in UTC, as all times.
    package var started: String
    package var ended: String?
    package var endReason: String
    package var statements: Int64
    package var refused: Int64
    package var masked: Int64
    package var rows: Int64
    package var bytesOut: Int64
    package var bytesIn: Int64
    /// Of its first record in the log.
    package var position: UInt64
    /// Of the subject, each as `name=value`; `nil` from a sink that does not tell them.
    package var attributes: [String]?

    package init(
        session: String, gateway: String, state: String, subject: String, groups: [String], proof: String,
        claimedUser: String, connection: String, database: String, applicationName: String,
        clientAddress: String, clientTLS: String, started: String, ended: String? = nil,
        endReason: String = "", statements: Int64 = 0, refused: Int64 = 0, masked: Int64 = 0, rows: Int64 = 0,
        bytesOut: Int64 = 0, bytesIn: Int64 = 0, position: UInt64,
        attributes: [String] = []
    ) {
        self.session = session
        self.gateway = gateway
        self.state = state
        self.subject = subject
        self.groups = groups
        self.proof = proof
        self.claimedUser = claimedUser
        self.connection = connection
        self.database = database
        self.applicationName = applicationName
        self.clientAddress = clientAddress
        self.clientTLS = clientTLS
        self.started = started
        self.ended = ended
        self.endReason = endReason
        self.statements = statements
        self.refused = refused
        self.masked = masked
        self.rows = rows
        self.bytesOut = bytesOut
        self.bytesIn = bytesIn
        self.position = position
        self.attributes = attributes
    }
}

/// Which sessions are asked for.
package struct SessionFilter: Sendable, Equatable {
    /// Exactly this subject.
    package var subject: String?
    /// Started then or later.
    package var since: Timestamp?
    package var limit: Int

    /// Most sessions in one answer.
    package static let maximumLimit = 1000

    package init(subject: String? = nil, since: Timestamp? = nil, limit: Int = 100) {
        self.subject = subject
        self.since = since
        self.limit = min(max(limit, 1), Self.maximumLimit)
    }
}
