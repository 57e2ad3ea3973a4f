package import Kubernetes

/// A watch: where it stands, and what it is about.
package struct Watch: Sendable {
    let type: ResourceType
    let namespace: String
    let selection: Selection
    let table: Table.Format?
    /// Whether the client wants to be told of the revision from time to time.
    package let wantsBookmarks: Bool
    /// In seconds, as asked.
    package let timeoutSeconds: Int
    /// Sent first: the objects that are there, and where they end.
    private(set) var pending: [JSON] = []
    /// Up to where it has been told.
    private(set) var revision: Int64
    /// Begins with a revision that is not there yet.
    var isAhead = false

    init(
        _ target: Target, _ call: Call, _ selection: Selection, revision: Int64, timeoutSeconds: Int
    ) {
        type = target.type
        namespace = target.namespace
        self.selection = selection
        table = Table.Format(call)
        wantsBookmarks = ["true", "1"].contains(call.query["allowWatchBookmarks"] ?? "")
        self.timeoutSeconds = timeoutSeconds
        self.revision = revision
    }

    /// One line; an error ends the watch.
    package enum Line: Sendable {
        case event(JSON)
        case last(JSON)
    }

    mutating func begin(with objects: [JSON], isEndMarked: Bool, at now: Timestamp) {
        pending = objects.map { event("ADDED", $0, at: now) }
        if isEndMarked { pending.append(bookmark(isInitialEnd: true)) }
    }

    /// What is to be sent by now.
    package mutating func lines(of cluster: Cluster) -> [Line] {
        var lines = pending.map { Line.event($0) }
        pending = []
        if isAhead { return lines }
        guard revision >= cluster.store.compacted else {
            lines.append(
                .last(["type": "ERROR", "object": Cluster.expired(revision, cluster.store.compacted).status]))
            return lines
        }
        let events = cluster.store.events
        let first = events.partitioningIndex { $0.revision > revision }
        for event in events[first...] {
            revision = event.revision
            if let line = line(of: event, cluster) { lines.append(.event(line)) }
        }
        return lines
    }

    /// As the selection sees it: an object may enter and leave it.
    private func line(of event: Store.Event, _ cluster: Cluster) -> JSON? {
        guard event.place.resource == type.identifier,
            namespace.isEmpty || event.place.key.namespace == namespace
        else {
            return nil
        }
        let object = cluster.read(event.object, type)
        let wasSelected = event.previous.map { selection.selects(cluster.read($0, type)) } ?? false
        let isSelected = event.kind != .deleted && selection.selects(object)
        return switch (wasSelected, isSelected) {
        case (false, true): self.event("ADDED", object, at: cluster.now)
        case (true, true): self.event("MODIFIED", object, at: cluster.now)
        case (true, false): self.event("DELETED", object, at: cluster.now)
        case (false, false): nil
        }
    }

    private func event(_ kind: String, _ object: JSON, at now: Timestamp) -> JSON {
        var shown = object
        if let table {
            let version = object["metadata", "resourceVersion"]?.string ?? ""
            shown = Table(type, table).json(of: [object], revision: version, at: now)
        }
        return ["type": .string(kind), "object": shown]
    }

    /// Tells the client that it has everything up to now.
    package func bookmark(isInitialEnd: Bool = false) -> JSON {
        var metadata: JSON = ["resourceVersion": .string("\(revision)"), "creationTimestamp": .null]
        if isInitialEnd { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        let object: JSON = [
            "kind": .string(type.kind), "apiVersion": .string(type.apiVersion), "metadata": metadata,
        ]
        return ["type": "BOOKMARK", "object": object]
    }
}

extension Cluster {
    /// What a watch lasts when it does not say, in seconds.
    private static let defaultTimeout = 1800

    func watch(_ target: Target, _ call: Call) throws(APIFault) -> Answer {
        var selectors = call.query
        if let name = target.name {
            let only = "metadata.name=\(name)"
            selectors["fieldSelector"] = selectors["fieldSelector"].map { "\($0),\(only)" } ?? only
        }
        let selection = try Selection(selectors)
        let asked = call.query["resourceVersion"] ?? ""
        let timeout = call.query["timeoutSeconds"].flatMap { Int($0) } ?? Self.defaultTimeout
        let wantsInitial = ["true", "1"].contains(call.query["sendInitialEvents"] ?? "")
        if wantsInitial, call.query["resourceVersionMatch"] != "NotOlderThan" {
            throw .invalid(
                ResourceType(group: "meta.k8s.io", version: "v1", name: "listoptions", kind: "ListOptions"),
                "",
                [
                    FieldFault(
                        reason: "FieldValueForbidden", field: "resourceVersionMatch",
                        message:
                            "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
                    )
                ])
        }
        guard let since = asked.isEmpty ? 0 : Int64(asked) else {
            throw .invalid(target.type, "", [.invalid("resourceVersion", .string(asked), "must be a number")])
        }
        let isFromNow = wantsInitial || since == 0
        var watch = Watch(
            target, call, selection, revision: isFromNow ? store.revision : since, timeoutSeconds: timeout)
        watch.isAhead = since > store.revision
        if isFromNow {
            let objects = store.objects(of: target.type.identifier, in: target.namespace)
                .map { read($0.1, target.type) }.filter(selection.selects)
            watch.begin(with: objects, isEndMarked: wantsInitial, at: now)
        }
        return .watch(watch)
    }
}

extension Array {
    /// The first index whose element is such, where all after it are, too.
    func partitioningIndex(where isSuch: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isSuch(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
