package import Kubernetes

/// An API server as a machine: calls in, answers out. Time and randomness come with the calls.
package struct Cluster: Sendable {
    var store = Store()
    var types: [ResourceType] = ResourceType.builtIn
    var tokens: [String: IssuedToken] = [:]
    /// Where the services are that webhooks name: `https://127.0.0.1:9443` by `namespace/name:port`.
    package var serviceAddresses: [String: String] = [:]
    var now = Timestamp(microseconds: 0)
    private var random: SystemRandomNumberGenerator = SystemRandomNumberGenerator()

    /// Largest body taken, in bytes.
    package static let maximumBody = 3 << 20

    package init(at now: Timestamp) {
        self.now = now
        for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
            let object: JSON = [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": [
                    "name": .string(name), "uid": .string(newUID()), "creationTimestamp": .string(now.time),
                    "labels": ["kubernetes.io/metadata.name": .string(name)],
                ], "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
            ]
            store.put(object, at: .init(resource: ResourceType.namespaces, key: ObjectKey(name: name)))
        }
    }

    package var revision: Int64 { store.revision }

    mutating func newUID() -> String {
        let digits = (0..<4).map { _ in Self.hexadecimal(UInt32.random(in: 0...UInt32.max, using: &random), 8)
        }
        .joined()
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
            String(Array(digits)[range])
        }
        return parts.joined(separator: "-")
    }

    mutating func newSuffix(_ length: Int = 5) -> String {
        String((0..<length).map { _ in "bcdfghjklmnpqrstvwxz2456789".randomElement(using: &random) ?? "x" })
    }

    static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    func type(group: String, version: String, name: String) -> ResourceType? {
        types.first { $0.group == group && $0.version == version && $0.name == name }
    }

    /// An object as it is read: with the defaults of its schema.
    func read(_ object: JSON, _ type: ResourceType) -> JSON {
        type.schema.map { Schema($0).defaulted(object) } ?? object
    }

    func object(_ type: ResourceType, _ key: ObjectKey) -> JSON? {
        store[.init(resource: type.identifier, key: key)].map { read($0, type) }
    }

    // MARK: - Calls

    /// What is to be done about a call, made at a time that is not before that of any earlier one.
    package mutating func answer(_ call: Call, at time: Timestamp) -> Answer {
        now = time
        do throws(APIFault) {
            return try dispatch(call)
        } catch {
            return .response(error.response)
        }
    }

    private mutating func dispatch(_ call: Call) throws(APIFault) -> Answer {
        guard call.body.count <= Self.maximumBody else {
            throw APIFault(
                413, "RequestEntityTooLarge", "Request entity too large: limit is \(Self.maximumBody)")
        }
        if call.method == "GET", let document = discovery(call) { return .response(document) }
        if let review = try reviews(call) { return .response(review) }
        let find = { (group, version, name) in self.type(group: group, version: version, name: name) }
        guard let target = Target(call.path, find: find) else {
            return .response(Response(status: 404, text: "404 page not found\n"))
        }
        let verb = Self.verb(of: call, target)
        guard mayDo(call.user, verb, target) else { throw .forbidden(call.user, verb, target) }
        switch (call.method, target.name) {
        case ("GET", _) where call.query["watch"] == "true" || call.query["watch"] == "1":
            return try watch(target, call)
        case ("GET", nil): return .response(try list(target, call))
        case ("GET", _?): return .response(try get(target, call))
        case ("POST", _), ("PUT", _?), ("PATCH", _?): return try write(target, call)
        case ("DELETE", nil): return try deleteAll(target, call)
        case ("DELETE", _?): return try delete(target, call)
        default:
            throw APIFault(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        }
    }

    static func verb(of call: Call, _ target: Target) -> String {
        switch call.method {
        case "GET":
            if call.query["watch"] == "true" || call.query["watch"] == "1" { return "watch" }
            return target.name == nil ? "list" : "get"
        case "POST": return "create"
        case "PUT": return "update"
        case "PATCH": return "patch"
        default: return target.name == nil ? "deletecollection" : "delete"
        }
    }

    /// Forgets what happened up to now: watches and pages of lists have to begin again.
    package mutating func compact() { store.compact() }
}
