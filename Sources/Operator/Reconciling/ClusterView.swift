package import API
package import Kubernetes

/// Everything the operator knows of the cluster at one moment: a value that tells what binds what.
package struct ClusterView: Sendable {
    package let platformNamespace: String
    /// What is watched: namespaces, or `nil` alone for all of them.
    let scopes: [String?]

    private var mirrors: [WatchedKind: Mirror] = [:]
    private var connections: [String: [String: ObservedResource<DatabaseConnection>]] = [:]
    private var maskingPolicies: [String: [String: ObservedResource<MaskingPolicy>]] = [:]
    private var approvalRules: [String: [String: ObservedResource<ApprovalRule>]] = [:]
    /// Made when they are asked for, and forgotten when something changes that they depend on.
    private var attachments: [String: [Attachment]] = [:]
    /// By namespace and the connections that are told of; forgotten with them.
    private var documents: [String: [[String]: ConfigurationDocument]] = [:]

    /// Kinds that are read once at all for the whole cluster; without the right to, what is asked of them is unknown.
    package static let clusterWide: Set<WatchedKind> = [.namespaces]

    package init(platformNamespace: String, watching namespaces: [String] = []) {
        self.platformNamespace = platformNamespace
        scopes = namespaces.isEmpty ? [nil] : Set(namespaces + [platformNamespace]).sorted()
    }

    /// What there is to watch, each with its namespace.
    package var watches: [(kind: WatchedKind, scope: String?)] {
        WatchedKind.allCases.flatMap { kind -> [(kind: WatchedKind, scope: String?)] in
            guard !Self.clusterWide.contains(kind) else { return scopes == [nil] ? [(kind, nil)] : [] }
            return scopes.map { (kind, $0) }
        }
    }

    /// Everything has been read once.
    package var isSynced: Bool {
        Set(watches.map(\.kind)).allSatisfy { kind in
            mirrors[kind]?.isSynced(for: watches.filter { $0.kind == kind }.map(\.scope)) ?? false
        }
    }

    /// The watch that an object of a namespace belongs to.
    func scope(of namespace: String) -> String? { scopes.contains(namespace) ? namespace : nil }

    func objects(of kind: WatchedKind) -> [APIObject] { mirrors[kind]?.objects ?? [] }

    package func count(of kind: WatchedKind) -> Int { mirrors[kind]?.count ?? 0 }

    typealias PolicyKey = (kind: ResourceKind, key: ObjectKey)

    // MARK: - Changes

    /// Takes what a watch brought, and tells what changed by it.
    package mutating func take(
        _ delivery: Mirror.Delivery, of kind: WatchedKind, scope: String?
    ) -> [Mirror.Change] {
        let isOwned = WatchedKind.owned.contains(kind)
        let changes = mirrors[kind, default: Mirror()].take(delivery, scope: scope) {
            isOwned ? AppliedDigest.reduced($0) : $0
        }
        for change in changes { follow(change, of: kind) }
        return changes
    }

    private mutating func follow(_ change: Mirror.Change, of kind: WatchedKind) {
        let key = change.key
        switch kind {
        case .connections: connections.set(change.new.map { .init($0) }, at: key)
        case .maskingPolicies: maskingPolicies.set(change.new.map { .init($0) }, at: key)
        case .approvalRules: approvalRules.set(change.new.map { .init($0) }, at: key)
        case .namespaces:
            forget(key.name)
            return
        case .approvalRequests, .pods, .snapshots, .bastions, .bastionServices: return
        }
        // What binds does not depend on the status of a policy; that of a connection is handed on.
        if kind != .connections, change.isOfStatusAlone { return }
        if kind != .connections, key.namespace == platformNamespace {
            (attachments, documents) = ([:], [:])
        } else {
            forget(key.namespace)
        }
    }

    private mutating func forget(_ namespace: String) {
        attachments[namespace] = nil
        documents[namespace] = nil
    }

    // MARK: - What binds what

    /// By name; those that cannot be read included.
    package mutating func attachments(in namespace: String) -> [Attachment] {
        if let known = attachments[namespace] { return known }
        let reach = Set([namespace, platformNamespace]).sorted()
        let policies = PolicySet(
            reach.flatMap { maskingPolicies[$0].map { Array($0.values) } ?? [] },
            reach.flatMap { approvalRules[$0].map { Array($0.values) } ?? [] },
            platformNamespace: platformNamespace)
        let labels = labels(ofNamespace: namespace)
        let made = (connections[namespace] ?? [:]).values
            .sorted { $0.key < $1.key }
            .map { policies.attachment(of: $0, namespaceLabels: labels) }
        attachments[namespace] = made
        return made
    }

    /// `nil` where they are not known, as the operator may not read namespaces.
    func labels(ofNamespace name: String) -> [String: String]? {
        mirrors[.namespaces]?[ObjectKey(name: name)]?.metadata.labels
    }

    package mutating func attachment(of connection: ObjectKey) -> Attachment? {
        attachments(in: connection.namespace).first { $0.connection.key == connection }
    }

    /// What gateways of these connections of the namespace are told.
    mutating func document(of attachments: [Attachment], in namespace: String) -> ConfigurationDocument {
        let names = attachments.map(\.connection.key.name)
        if let known = documents[namespace]?[names] { return known }
        let made = ConfigurationDocument(attachments)
        documents[namespace, default: [:]][names] = made
        return made
    }

    package var namespacesWithConnections: [String] { connections.keys.sorted() }

    package func connectionKeys(in namespace: String? = nil) -> [ObjectKey] {
        if let namespace { return (connections[namespace] ?? [:]).values.map(\.key) }
        return connections.values.flatMap { $0.values.map(\.key) }
    }

    func connectionKeys(selecting labels: [String: String], in namespace: String) -> [ObjectKey] {
        (connections[namespace] ?? [:]).values
            .filter { $0.object?.spec.podSelector.selects(labels) ?? false }.map(\.key)
    }

    /// Names of those that cannot be read and may select a pod with these labels.
    func unreadableConnections(selecting labels: [String: String], in namespace: String) -> [String] {
        (connections[namespace] ?? [:]).values
            .filter { $0.object == nil && $0.maySelect(labels) }.map(\.key.name).sorted()
    }

    package func maskingPolicy(_ key: ObjectKey) -> ObservedResource<MaskingPolicy>? {
        maskingPolicies[key.namespace]?[key.name]
    }

    package func approvalRule(_ key: ObjectKey) -> ObservedResource<ApprovalRule>? {
        approvalRules[key.namespace]?[key.name]
    }

    /// Of the namespace, and of the platform's.
    func policyKeys(reaching namespace: String) -> [PolicyKey] {
        Set([namespace, platformNamespace]).flatMap { policyKeys(in: $0) }
    }

    func policyKeys(in namespace: String) -> [PolicyKey] {
        var keys: [PolicyKey] = (maskingPolicies[namespace] ?? [:]).values.map { (.maskingPolicy, $0.key) }
        keys += (approvalRules[namespace] ?? [:]).values.map { (.approvalRule, $0.key) }
        return keys
    }

    var policyKeys: [PolicyKey] {
        Set(maskingPolicies.keys).union(approvalRules.keys).flatMap { policyKeys(in: $0) }
    }

    /// How many connections it binds.
    mutating func connectionCount(of kind: ResourceKind, _ key: ObjectKey) -> Int {
        let namespaces = key.namespace == platformNamespace ? namespacesWithConnections : [key.namespace]
        return namespaces.reduce(0) { sum, namespace in
            sum
                + attachments(in: namespace).count { attachment in
                    attachment.policies.contains { $0.kind == kind && $0.key == key }
                }
        }
    }

    /// The names that a policy or rule of the namespace gives and no connection there has.
    func missing(of targets: PolicyTargets?, in namespace: String) -> [String] {
        guard let targets, targets.namespaceSelector == nil else { return [] }
        return targets.connectionNames.filter { connections[namespace]?[$0] == nil }
    }

    // MARK: - Pods and what the operator made

    func pods(in namespace: String) -> [ObservedPod] {
        (mirrors[.pods]?.objects(in: namespace) ?? []).map(ObservedPod.init)
    }

    func pod(_ key: ObjectKey) -> ObservedPod? { mirrors[.pods]?[key].map(ObservedPod.init) }

    func object(_ kind: WatchedKind, _ key: ObjectKey) -> APIObject? { mirrors[kind]?[key] }

    func objects(_ kind: WatchedKind, in namespace: String) -> [APIObject] {
        mirrors[kind]?.objects(in: namespace) ?? []
    }

    func keys(of kind: WatchedKind) -> [ObjectKey] { (mirrors[kind]?.objects ?? []).map(\.key) }

    func uid(ofPod key: ObjectKey) -> String? { mirrors[.pods]?[key]?.uid }

    /// Whether all pods are known, and none of them is that one with containers that may run.
    func isGone(_ pod: PodIdentity) -> Bool {
        guard isSynced else { return false }
        return self.pod(pod.key).map { !$0.mayRun(as: pod) } ?? true
    }

    /// What the operator made for a connection, by kind.
    func owned(by connection: ObjectKey) -> [APIResource: [APIObject]] {
        let names = [OwnNames.snapshot(of: connection.name), OwnNames.bastion(of: connection.name)]
        var owned: [APIResource: [APIObject]] = [:]
        for kind in WatchedKind.owned {
            owned[kind.resource] = names.compactMap {
                mirrors[kind]?[ObjectKey(namespace: connection.namespace, name: $0)]
            }
        }
        return owned
    }
}

extension Dictionary where Key == String {
    /// Sets what is under a namespace and a name; without a value there is nothing under it any more.
    fileprivate mutating func set<Element>(_ element: Element?, at key: ObjectKey)
    where Value == [String: Element] {
        self[key.namespace, default: [:]][key.name] = element
        if self[key.namespace]?.isEmpty == true { self[key.namespace] = nil }
    }
}
