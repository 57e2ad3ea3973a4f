import Kubernetes

/// A JSON document in a ConfigMap of the operator's own namespace, which all replicas share and which is written only from
/// the state it was read in.
actor StoredDocument {
    /// How often another replica's write is taken for ours in one change. Ours.
    private static let conflictLimit = 8
    static let key = "document.json"

    private let api: any APIServer
    private let name: ObjectKey

    init(_ name: String, in namespace: String, api: any APIServer) {
        self.api = api
        self.name = ObjectKey(namespace: namespace, name: name)
    }

    struct Malformed: Error, CustomStringConvertible {
        var name: ObjectKey
        var description: String { "ConfigMap \(name) holds no such document" }
    }

    /// `nil` while there is none.
    func read() async throws -> JSON? { try await state().document }

    /// Changes it, and returns what it is then. `body` may be called again after another's write; `nil` leaves it.
    func change(_ body: @Sendable (JSON?) throws -> JSON?) async throws -> JSON? {
        for _ in 0..<Self.conflictLimit {
            let (object, document) = try await state()
            guard let next = try body(document) else { return document }
            var written: JSON = [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": .string(name.name), "namespace": .string(name.namespace),
                    "labels": ["app.kubernetes.io/name": "weir", "app.kubernetes.io/component": "operator"],
                ],
                "data": [Self.key: .string(next.description)],
            ]
            let options = WriteOptions(fieldManager: OwnNames.fieldManager)
            let request: APIRequest
            if let object {
                written["metadata", "resourceVersion"] = object["metadata", "resourceVersion"]
                request = try .patch(.configMaps, name, merging: written, options)
            } else {
                request = try .create(.configMaps, written, options)
            }
            let response = try await api.send(request)
            if response.isSuccess { return next }
            let failure = APIFailure(response)
            guard failure.kind == .conflict || failure.kind == .alreadyExists else { throw failure }
        }
        throw APIFailure(code: 409, nil)
    }

    private func state() async throws -> (object: JSON?, document: JSON?) {
        let response = try await api.send(try .get(.configMaps, name))
        if !response.isSuccess, APIFailure(response).kind == .notFound { return (nil, nil) }
        let object = try response.json()
        guard let text = object["data", Self.key]?.string else { return (object, nil) }
        guard let document = try? JSON(parsing: Array(text.utf8)) else { throw Malformed(name: name) }
        return (object, document)
    }
}
