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
        var pending = deletion(of: stored, target.key, target.type, call)
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

    /// Object after object, each shown to admission; what is on its way out already is not deleted again.
    func deleteAll(_ target: Target, _ call: Call) throws(APIFault) -> Answer {
        let selection = try Selection(call.query)
        let left = store.objects(of: target.type.identifier, in: target.namespace).first { _, object in
            selection.selects(object) && object["metadata", "deletionTimestamp"] == nil
        }
        guard let (key, stored) = left, !call.isDryRun else { return .response(try list(target, call)) }
        var pending = deletion(of: stored, key, target.type, call)
        pending.isOfCollection = true
        pending.webhooks = try webhooks(for: pending)
        return .write(pending)
    }

    private func deletion(
        of stored: JSON, _ key: ObjectKey, _ type: ResourceType, _ call: Call
    ) -> PendingWrite {
        let object = read(stored, type)
        return PendingWrite(
            call: call, type: type, key: key, operation: .delete, stored: stored, old: object, object: object)
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
    /// What a policy keeps stays, and with it the namespace.
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
            let isGarbage = !owners.contains(where: uids.contains) || owners.contains(where: going.contains)
            if isGarbage, isLetGo(place, by: "generic-garbage-collector") { markDeleted(place) }
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
            for place in content where isLetGo(place, by: "namespace-controller", isOfCollection: true) {
                markDeleted(place)
            }
            if !store.objects.keys.contains(where: { $0.key.namespace == key.name }) {
                remove(.init(resource: ResourceType.namespaces, key: key))
            }
        }
    }

    /// Whether policies let a controller delete the object. Webhooks are not asked.
    private func isLetGo(
        _ place: Store.Place, by controller: String, isOfCollection: Bool = false
    ) -> Bool {
        guard let stored = store[place], let type = types.first(where: { $0.identifier == place.resource })
        else { return true }
        let call = Call(method: "DELETE", path: [], user: .controller(controller))
        var pending = deletion(of: stored, place.key, type, call)
        pending.isOfCollection = isOfCollection
        return (try? judge(stored, pending)) != nil
    }
}
