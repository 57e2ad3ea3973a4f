/// Which objects of a kind.
package struct Selection: Sendable, Hashable {
    /// `nil` for all namespaces.
    package var namespace: String?
    /// As `kubectl --selector` takes it.
    package var labelSelector: String?
    package var fieldSelector: String?

    package init(namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil) {
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }

    fileprivate var queryItems: [APIRequest.QueryItem] {
        [
            labelSelector.map { .init("labelSelector", $0) },
            fieldSelector.map { .init("fieldSelector", $0) },
        ].compactMap(\.self)
    }
}

extension APIRequest {
    package static func get(
        _ resource: APIResource, _ key: ObjectKey, subresource: String? = nil
    ) throws(RequestError) -> Self {
        Self(.get, path: try resource.path(of: key, subresource: subresource))
    }

    /// One page of a list, consistent with every write that was acknowledged before.
    ///
    /// No resource version is asked for: with version 0 the server would ignore the limit, and with one
    /// beside `continue` it answers 400.
    /// The `limit` is of objects in a page, `nil` for all of them at once; the token is the `continue` of the
    /// page before.
    package static func list(
        _ resource: APIResource, _ selection: Selection = Selection(), limit: Int? = nil,
        continuing token: String? = nil
    ) -> Self {
        var query = selection.queryItems
        if let limit { query.append(.init("limit", "\(limit)")) }
        if let token { query.append(.init("continue", token)) }
        return Self(.get, path: resource.path(in: selection.namespace), query: query)
    }

    /// Changes after a version, with bookmarks, until the server ends the watch after `timeLimit` seconds.
    package static func watch(
        _ resource: APIResource, _ selection: Selection = Selection(), after resourceVersion: String,
        timeLimit: Int
    ) -> Self {
        let query =
            selection.queryItems + watchItems(timeLimit) + [.init("resourceVersion", resourceVersion)]
        return Self(.get, path: resource.path(in: selection.namespace), query: query)
    }

    /// All objects as they are, a bookmark that says so, and then their changes (`WatchList`); for servers
    /// from ``ServerVersion/firstWithWatchList``.
    package static func watchList(
        _ resource: APIResource, _ selection: Selection = Selection(), timeLimit: Int
    ) -> Self {
        let query =
            selection.queryItems + watchItems(timeLimit) + [
                .init("sendInitialEvents", "true"),
                // Without it the server answers 422.
                .init("resourceVersionMatch", "NotOlderThan"),
            ]
        return Self(.get, path: resource.path(in: selection.namespace), query: query)
    }

    private static func watchItems(_ timeLimit: Int) -> [QueryItem] {
        [
            .init("watch", "true"), .init("allowWatchBookmarks", "true"),
            .init("timeoutSeconds", "\(timeLimit)"),
        ]
    }

    /// Which version the server is of; see ``ServerVersion``.
    package static let version = APIRequest(.get, path: "/version")
}
