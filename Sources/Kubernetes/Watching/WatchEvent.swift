/// What a line of a watch tells (`WatchEvent`, meta/v1).
package enum WatchEvent: Sendable, Equatable {
    case added(APIObject)
    case modified(APIObject)
    /// With its last state.
    case deleted(APIObject)
    /// Nothing but that the server has come this far. `endsInitialEvents`: what ``APIRequest/watchList`` asked
    /// for is complete.
    case bookmark(resourceVersion: String, endsInitialEvents: Bool)
    /// The watch is over.
    case failed(APIFailure)

    /// The `projection` is what to keep of an object, beside its identity.
    package init(
        line: [UInt8], keeping projection: JSON.Projection = .everything
    ) throws(MalformedAnswer) {
        let json: JSON
        do {
            json = try JSON(
                parsing: line,
                keeping: JSON.Projection([["type"]])
                    + (projection + Self.marks + .identity).nested(under: "object"))
        } catch {
            throw MalformedAnswer("a line of a watch: \(error)")
        }
        guard let object = json["object"] else { throw MalformedAnswer("an event without an object") }
        switch json["type"]?.string {
        case "ADDED": self = .added(try APIObject(object))
        case "MODIFIED": self = .modified(try APIObject(object))
        case "DELETED": self = .deleted(try APIObject(object))
        case "BOOKMARK":
            guard let version = object["metadata", "resourceVersion"]?.string, !version.isEmpty else {
                throw MalformedAnswer("a bookmark without a version")
            }
            let end = object["metadata", "annotations", Self.initialEventsEnd]?.string
            self = .bookmark(resourceVersion: version, endsInitialEvents: end == "true")
        case "ERROR":
            guard let status = Status(object) else { throw MalformedAnswer("an error without a status") }
            self = .failed(APIFailure(code: status.code, status))
        default: throw MalformedAnswer("an event of an unknown type")
        }
    }

    private static let initialEventsEnd = "k8s.io/initial-events-end"

    /// What events need that tell of no object, beside its identity.
    private static let marks = JSON.Projection([
        ["code"], ["reason"], ["message"], ["details"], ["metadata", "annotations", initialEventsEnd],
    ])
}

extension JSON.Projection {
    /// What identifies an object, which is always kept.
    static let identity = JSON.Projection([
        ["kind"], ["metadata", "name"], ["metadata", "namespace"], ["metadata", "uid"],
        ["metadata", "resourceVersion"],
    ])
}

/// One answer to a list.
package struct ListPage: Sendable, Equatable {
    package var objects: [APIObject]
    package var resourceVersion: String
    /// For the next page; empty on the last.
    package var continueToken: String

    package init(objects: [APIObject], resourceVersion: String, continueToken: String = "") {
        self.objects = objects
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
    }

    /// The `projection` is what to keep of each object, beside its identity.
    package init(
        _ response: APIResponse, keeping projection: JSON.Projection = .everything
    ) throws(APIError) {
        let items = (projection + .identity).nested(under: JSON.Projection.any).nested(under: "items")
        let json = try response.json(keeping: JSON.Projection([["metadata"]]) + items)
        let metadata = json["metadata"]
        guard let resourceVersion = metadata?["resourceVersion"]?.string, !resourceVersion.isEmpty else {
            throw .malformed(MalformedAnswer("a list without a version"))
        }
        self.resourceVersion = resourceVersion
        continueToken = metadata?["continue"]?.string ?? ""
        objects = []
        // An empty list may be `null`.
        for item in json["items"]?.array ?? [] {
            do { objects.append(try APIObject(item)) } catch { throw .malformed(error) }
        }
    }
}
