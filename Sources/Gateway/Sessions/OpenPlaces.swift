import Glibc
import NIOCore
import Networking

/// Where clients are listened for, and for which connection.
///
/// A place stays open from one configuration to the next, also where it becomes another connection's.
struct OpenPlaces {
    /// Bound, and accepting nobody yet.
    typealias Opening = (place: ListeningPlace, listener: any Channel)

    private struct OpenPlace {
        var listener: any Channel
        var permissions: UInt32
        /// `namespace/name`; empty before it is anybody's.
        var connection = ""
    }

    private var places: [Endpoint: OpenPlace] = [:]
    private var isOver = false

    /// Whose clients come there.
    func connection(at endpoint: Endpoint) -> String? { places[endpoint]?.connection }

    /// Those at which nobody listens; none once all were closed for good.
    func missing(of expected: [ListeningPlace]) -> [ListeningPlace] {
        isOver ? [] : expected.filter { places[$0.endpoint] == nil }
    }

    /// Accepts clients where they are expected, and nowhere else.
    ///
    /// A socket whose permissions cannot be changed is closed: it would be open to others than it says.
    /// - Parameters:
    ///   - expected: each endpoint once.
    ///   - openings: what was ``missing(of:)``.
    mutating func change(
        to expected: [(place: ListeningPlace, connection: String)], with openings: [Opening]
    ) {
        var before = places
        for (place, listener) in openings {
            before[place.endpoint] = OpenPlace(listener: listener, permissions: place.permissions)
        }
        places = [:]
        for (place, connection) in expected where !isOver {
            guard var open = before[place.endpoint], Self.permit(place, at: &open) else { continue }
            open.connection = connection
            places[place.endpoint] = open
            before[place.endpoint] = nil
            try? open.listener.syncOptions?.setOption(.autoRead, value: true)
        }
        for place in before.values { place.listener.close(promise: nil) }
    }

    /// Nobody is listened for any more.
    mutating func close() {
        isOver = true
        change(to: [], with: [])
    }

    /// - Returns: whether the place has the permissions it is to have.
    private static func permit(_ place: ListeningPlace, at open: inout OpenPlace) -> Bool {
        guard case .unix(let path) = place.endpoint, open.permissions != place.permissions else {
            return true
        }
        open.permissions = place.permissions
        return unsafe chmod(path, place.permissions) == 0
    }
}
