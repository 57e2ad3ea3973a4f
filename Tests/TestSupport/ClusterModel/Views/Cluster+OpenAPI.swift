import Kubernetes

/// OpenAPI, as much as kubectl needs to explain kinds and to know what it may send.
extension Cluster {
    private var groupVersions: [(group: String, version: String)] {
        var found: [(group: String, version: String)] = []
        for type in types where !found.contains(where: { $0.group == type.group }) {
            found.append((type.group, type.version))
        }
        return found
    }

    var openAPIv3Index: JSON {
        var paths: JSON = [:]
        for (group, version) in groupVersions {
            let path = group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
            paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(store.revision)")]
        }
        return ["paths": paths]
    }

    /// Of `api/v1` or `apis/weir.dev/v1alpha1`.
    func openAPIv3(of path: [String]) -> JSON? {
        let group = path.first == "api" ? "" : path.dropFirst().first ?? ""
        guard groupVersions.contains(where: { $0.group == group && $0.version == path.last }) else {
            return nil
        }
        var (paths, schemas): (JSON, JSON) = ([:], [:])
        for type in types where type.group == group {
            for (place, item) in Self.paths(of: type, reference: "#/components/schemas/") {
                paths[place] = item
            }
            schemas[Self.name(of: type)] = schema(of: type, reference: "#/components/schemas/")
        }
        schemas[Self.metaName] = Self.objectMeta
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.2"], "paths": paths,
            "components": ["schemas": schemas],
        ]
    }

    var openAPIv2: JSON {
        var (paths, definitions): (JSON, JSON) = ([:], [Self.metaName: Self.objectMeta])
        for type in types {
            for (place, item) in Self.paths(of: type, reference: "#/definitions/") { paths[place] = item }
            definitions[Self.name(of: type)] = schema(of: type, reference: "#/definitions/")
        }
        return [
            "swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.36.2"], "paths": paths,
            "definitions": definitions,
        ]
    }

    private static func name(of type: ResourceType) -> String {
        let group =
            type.group.isEmpty
            ? "io.k8s.core" : type.group.split(separator: ".").reversed().joined(separator: ".")
        return "\(group).\(type.version).\(type.kind)"
    }

    private static let metaName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

    private func schema(of type: ResourceType, reference: String) -> JSON {
        var schema =
            type.schema ?? [
                "description": .string("\(type.kind), of which this server knows no fields."),
                "type": "object",
                "properties": [
                    "spec": ["type": "object", "description": "What is asked for."],
                    "status": ["type": "object"],
                ],
            ]
        schema["properties", "apiVersion"] =
            schema["properties", "apiVersion"] ?? ["type": "string", "description": "Version of the schema."]
        schema["properties", "kind"] =
            schema["properties", "kind"] ?? ["type": "string", "description": "Kind of the object."]
        schema["properties", "metadata"] = [
            "description": "Standard object's metadata.",
            "allOf": [["$ref": .string(reference + Self.metaName)]], "default": [:],
        ]
        if reference.hasPrefix("#/definitions") {
            schema["properties", "metadata"] = [
                "description": "Standard object's metadata.", "$ref": .string(reference + Self.metaName),
            ]
        }
        schema["x-kubernetes-group-version-kind"] = [Self.kind(type.group, type.version, type.kind)]
        return schema
    }

    /// The operations by which kubectl learns what may be asked of a kind.
    private static func paths(of type: ResourceType, reference: String) -> [(String, JSON)] {
        let root = type.group.isEmpty ? "/api/\(type.version)" : "/apis/\(type.group)/\(type.version)"
        let collection =
            type.isNamespaced ? "\(root)/namespaces/{namespace}/\(type.name)" : "\(root)/\(type.name)"
        let parameters = JSON.array(
            ["dryRun", "fieldManager", "fieldValidation"].map { name in
                ["name": .string(name), "in": "query", "schema": ["type": "string"]]
            })
        func operation(_ action: String) -> JSON {
            [
                "parameters": parameters, "x-kubernetes-action": .string(action),
                "x-kubernetes-group-version-kind": Self.kind(type.group, type.version, type.kind),
                "responses": ["200": ["description": "OK"]],
            ]
        }
        return [
            (collection, ["get": operation("list"), "post": operation("post")]),
            (
                "\(collection)/{name}",
                [
                    "get": operation("get"), "put": operation("put"), "patch": operation("patch"),
                    "delete": operation("delete"),
                ]
            ),
        ]
    }

    private static let objectMeta: JSON = [
        "description": "ObjectMeta is metadata that all persisted resources must have.", "type": "object",
        "properties": [
            "name": ["type": "string", "description": "Name of the object, unique in its namespace."],
            "namespace": ["type": "string", "description": "Namespace of the object."],
            "labels": [
                "type": "object", "description": "Labels by which objects are selected.",
                "additionalProperties": ["type": "string"],
            ],
            "annotations": [
                "type": "object", "description": "What tools keep with the object.",
                "additionalProperties": ["type": "string"],
            ],
        ],
    ]
}
