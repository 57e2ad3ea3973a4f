import Kubernetes

/// A play's cluster, and what somebody else than the operator does to it.
protocol PlayedCluster {
    associatedtype API: APIServer

    var api: API { get }
}

extension PlayedCluster {
    @discardableResult
    func create(_ resource: APIResource, _ object: JSON) async throws -> JSON {
        try await api.answer(to: try .create(resource, object, WriteOptions(fieldManager: "test")))
    }

    func get(_ resource: APIResource, _ namespace: String, _ name: String) async throws -> JSON {
        try await api.answer(to: try .get(resource, ObjectKey(namespace: namespace, name: name)))
    }

    func patch(_ resource: APIResource, _ namespace: String, _ name: String, _ change: JSON) async throws {
        _ = try await api.answer(
            to: try .patch(
                resource, ObjectKey(namespace: namespace, name: name), merging: change,
                WriteOptions(fieldManager: "test")))
    }

    func delete(_ resource: APIResource, _ namespace: String, _ name: String) async throws {
        _ = try await api.answer(to: try .delete(resource, ObjectKey(namespace: namespace, name: name)))
    }
}
