import Kubernetes

extension Cluster {
    private static let foreground = "foregroundDeletion"

    mutating func delete(_ target: Target, _ call: Call) throws(APIFault) -> Answer {
        let name = target.name ?? ""
        guard let stored = store[.init(resource: target.type.identifier, key: target.key)] else {
            throw .notFound(target.type, name)
        }
        var call = call
        let options: JSON = call.body.isEmpty ? [:] : try body(call)
        if options["dryRun"]?.strings.contains("All") == true { call.query["dryRun"] = "All" }
        if let uid = options["preconditions", "uid"]?.string, uid != stored["metadata", "uid"]?.string {
            throw .conflict(
                target.type, name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: "
                    + "\(stored["metadata", "uid"]?.string ?? "")")
        }
        if let version = options["preconditions", "resourceVersion"]?.string,
            version != stored["metadata", "resourceVersion"]?.string
        {
            throw .conflict(
                target.type, name,
                "Precondition failed: ResourceVersion in precondition: \(version), ResourceVersion in object meta: "
                    + "\(stored["metadata", "resourceVersion"]?.string ?? "")")
        }
        var pending = PendingWrite(
            call: call, type: target.type, key: target.key, operation: .delete, stored: stored,
            old: read(stored, target.type), object: read(stored, target.type))
        pending.propagation =
            options["propagationPolicy"]?.string ?? call.query["propagationPolicy"] ?? "Background"
        pending.webhooks = try webhooks(for: pending)
        return .write(pending)
    }

    mutating func finishDeletion(_ pending: PendingWrite) throws(APIFault) -> Response {
        guard let stored = store[pending.place] else { throw .notFound(pending.type, pending.key.name) }
        try judge(stored, pending)
        let done: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
            "details": APIFault.about(pending.type, pending.key.name).merging([
                "uid": stored["metadata", "uid"] ?? .null
            ]),
        ]
        if pending.isDryRun { return Response(done) }
        switch pending.propagation {
        case "Orphan": orphan(stored["metadata", "uid"]?.string ?? "")
        case "Foreground":
            var finalizers = stored["metadata", "finalizers"]?.strings ?? []
            if !finalizers.contains(Self.foreground) { finalizers.append(Self.foreground) }
            var waiting = stored
            waiting["metadata", "finalizers"] = JSON(finalizers)
            store.put(waiting, at: pending.place)
        default: break
        }
        markDeleted(pending.place)
        collectGarbage()
        return store[pending.place].map { Response(read($0, pending.type)) } ?? Response(done)
    }

    mutating func deleteAll(_ target: Target, _ call: Call) throws(APIFault) -> Response {
        let selection = try Selection(call.query)
        for (key, object) in store.objects(of: target.type.identifier, in: target.namespace)
        where selection.selects(object) && !call.isDryRun {
            markDeleted(.init(resource: target.type.identifier, key: key))
        }
        collectGarbage()
        return try list(target, call)
    }

    /// Takes an object away, or marks it where finalizers hold it.
    private mutating func markDeleted(_ place: Store.Place) {
        guard var object = store[place] else { return }
        let isHeld = !(object["metadata", "finalizers"]?.array?.isEmpty ?? true)
        guard isHeld || place.resource == ResourceType.namespaces else { return remove(place) }
        guard object["metadata", "deletionTimestamp"] == nil else { return }
        object["metadata", "deletionTimestamp"] = .string(now.time)
        object["metadata", "deletionGracePeriodSeconds"] = 0
        if place.resource == ResourceType.namespaces { object["status", "phase"] = "Terminating" }
        if let generation = object["metadata", "generation"]?.integer {
            object["metadata", "generation"] = .integer(generation + 1)
        }
        store.put(object, at: place)
    }

    mutating func remove(_ place: Store.Place) {
        if place.resource == ResourceType.definitions, let definition = store[place] { abolish(definition) }
        if place.resource == ResourceType.pods, let uid = store[place]?["metadata", "uid"]?.string {
            endTokens(boundTo: uid)
        }
        store.put(nil, at: place)
    }

    // MARK: - Garbage

    private mutating func orphan(_ uid: String) {
        for (place, object) in store.objects {
            let owners = object["metadata", "ownerReferences"]?.array ?? []
            let left = owners.filter { $0["uid"]?.string != uid }
            guard left.count < owners.count else { continue }
            var object = object
            object["metadata", "ownerReferences"] = left.isEmpty ? nil : .array(left)
            store.put(object, at: place)
        }
    }

    /// Takes away what nothing owns any more and what a namespace on its way out holds, until nothing changes.
    mutating func collectGarbage() {
        var revision: Int64
        repeat {
            revision = store.revision
            collectOwned()
            collectNamespaces()
        } while store.revision != revision
    }

    private mutating func collectOwned() {
        let uids = Set(store.objects.values.compactMap { $0["metadata", "uid"]?.string })
        let going = Set(
            store.objects.values.filter {
                $0["metadata", "finalizers"]?.strings.contains(Self.foreground) == true
            }
            .compactMap { $0["metadata", "uid"]?.string })
        var held: Set<String> = []
        for (place, object) in store.objects {
            let owners = (object["metadata", "ownerReferences"]?.array ?? []).compactMap { $0["uid"]?.string }
            guard !owners.isEmpty else { continue }
            if !owners.contains(where: uids.contains) || owners.contains(where: going.contains) {
                markDeleted(place)
            }
            if store[place] != nil { held.formUnion(owners) }
        }
        for (place, object) in store.objects {
            guard let uid = object["metadata", "uid"]?.string, going.contains(uid), !held.contains(uid) else {
                continue
            }
            var object = object
            let left = (object["metadata", "finalizers"]?.strings ?? []).filter { $0 != Self.foreground }
            object["metadata", "finalizers"] = left.isEmpty ? nil : JSON(left)
            store.put(object, at: place)
            if left.isEmpty { remove(place) }
        }
    }

    private mutating func collectNamespaces() {
        for (key, namespace) in store.objects(of: ResourceType.namespaces, in: "")
        where namespace["metadata", "deletionTimestamp"] != nil {
            let content = store.objects.keys.filter { $0.key.namespace == key.name }
            for place in content { markDeleted(place) }
            if !store.objects.keys.contains(where: { $0.key.namespace == key.name }) {
                remove(.init(resource: ResourceType.namespaces, key: key))
            }
        }
    }
}
