import API
import StatementAnalysis

/// The newest catalogue of one database at one server, which its sessions share.
///
/// Another database holds other relations under the same names, and a standby may be behind its primary: what was
/// read from one says nothing about the other.
final class SharedCatalogue {
    /// Which database, at which server.
    struct Place: Hashable {
        /// An address with a port, or a socket.
        var server: String
        var database: [UInt8]
    }

    /// What the gateway's role was found to be.
    struct Role {
        /// As the credential has it.
        var login: [UInt8]
        /// The environment's, whose policy was looked at.
        var generation: UInt64
        var read: DatabaseRoleRead
        /// In microseconds since 1970.
        var readAt: Int64
    }

    /// Sessions of the place that are under way.
    var sessionCount = 0
    private(set) var catalogue: Catalogue?
    /// What the database answered to the fingerprint query just before ``catalogue`` was read.
    private(set) var fingerprint: [[UInt8]?] = []
    /// When a session last saw that ``catalogue`` is the database's, in microseconds since 1970; 0: it may not be.
    var checkedAt: Int64 = 0

    var role: Role?

    func replace(_ catalogue: Catalogue, fingerprint: [[UInt8]?], at now: Int64) {
        self.catalogue = catalogue
        self.fingerprint = fingerprint
        checkedAt = now
    }
}
