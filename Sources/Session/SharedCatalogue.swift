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

    /// Counts what is asked of the database's catalogue and what is done to it, in the order it happens here; as it is
    /// made, it comes before all.
    struct Moment: Comparable {
        fileprivate var number: UInt64 = 0

        static func < (left: Self, right: Self) -> Bool { left.number < right.number }
    }

    /// Sessions of the place that are under way.
    var sessionCount = 0
    private(set) var catalogue: Catalogue?
    /// When a session last saw that ``catalogue`` is the database's, in microseconds since 1970; 0: it may not be.
    private(set) var checkedAt: Int64 = 0
    private var last = Moment()
    /// When ``catalogue`` was asked for.
    private var asked = Moment()
    /// When a session last may have changed the database's.
    private var changed = Moment()

    var role: Role?

    /// A session asks for the catalogue now.
    func ask() -> Moment {
        last.number += 1
        return last
    }

    /// A session has changed the catalogue: whoever needs it next asks.
    func mayHaveChanged() {
        changed = ask()
        checkedAt = 0
    }

    /// Whether ``catalogue`` was asked for after the last change that a session is known to have made.
    var isReadSinceChange: Bool { asked > changed }

    func mayHaveChanged(since moment: Moment) -> Bool { changed > moment }

    /// Takes what was asked for at `moment`, unless what is here was asked for later.
    ///
    /// `now` is 0 where the others are to compare before they use it.
    func take(_ catalogue: Catalogue, askedFor moment: Moment, at now: Int64) {
        guard moment >= asked else { return }
        asked = moment
        self.catalogue = catalogue
        checkedAt = moment > changed ? now : 0
    }
}
