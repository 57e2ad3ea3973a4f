import Kubernetes

/// Objects as rows, `meta.k8s.io/v1` `Table`: what `kubectl get` shows.
struct Table {
    /// How much of each object goes along.
    enum Format: Sendable {
        case metadata
        case none
        case object

        /// `nil` where no table is asked for.
        init?(_ call: Call) {
            guard call.accept.split(separator: ",").first?.contains("as=Table") == true else { return nil }
            switch call.query["includeObject"] {
            case "None": self = .none
            case "Object": self = .object
            default: self = .metadata
            }
        }
    }

    private struct Column {
        var name: String
        var type: String
        var priority: Int64
        var description: String
        var path: String
    }

    private let format: Format
    private let columns: [Column]

    init(_ type: ResourceType, _ format: Format) {
        self.format = format
        var columns = [
            Column(
                name: "Name", type: "string", priority: 0, description: "Name of the object.",
                path: ".metadata.name")
        ]
        if type.columns.isEmpty {
            columns += Self.builtIn[type.name] ?? []
            columns.append(
                Column(
                    name: "Age", type: "date", priority: 0, description: "Since it was created.",
                    path: ".metadata.creationTimestamp"))
        } else {
            columns += type.columns.map { column in
                Column(
                    name: column["name"]?.string ?? "", type: column["type"]?.string ?? "string",
                    priority: column["priority"]?.integer ?? 0,
                    description: column["description"]?.string ?? "",
                    path: column["jsonPath"]?.string ?? "")
            }
        }
        self.columns = columns
    }

    private static let builtIn: [String: [Column]] = [
        "pods": [
            Column(
                name: "Status", type: "string", priority: 0, description: "Its phase.", path: ".status.phase")
        ],
        "namespaces": [
            Column(
                name: "Status", type: "string", priority: 0, description: "Its phase.", path: ".status.phase")
        ],
    ]

    func json(of objects: [JSON], revision: String, at now: Timestamp) -> JSON {
        let definitions = columns.map { column -> JSON in
            [
                "name": .string(column.name), "type": .string(column.type == "date" ? "string" : column.type),
                "format": .string(column.name == "Name" ? "name" : ""),
                "description": .string(column.description),
                "priority": .integer(column.priority),
            ]
        }
        let rows = objects.map { object -> JSON in
            var row: JSON = ["cells": .array(columns.map { cell(of: object, $0, now) })]
            switch format {
            case .none: break
            case .object: row["object"] = object
            case .metadata:
                row["object"] = [
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                    "metadata": object["metadata"] ?? [:],
                ]
            }
            return row
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": ["resourceVersion": .string(revision)],
            "columnDefinitions": .array(definitions), "rows": .array(rows),
        ]
    }

    private func cell(of object: JSON, _ column: Column, _ now: Timestamp) -> JSON {
        let value = JSONPath(column.path).value(in: object)
        switch (column.type, value) {
        case ("date", .string(let text)?):
            return .string(Timestamp(text).map { Self.age(now - $0) } ?? "<invalid>")
        case (_, nil), (_, .null?): return column.type == "integer" ? .null : .string("")
        case (_, let value?): return value
        }
    }

    private static func age(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7200: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3600)h"
        default: return "\(seconds / 86_400)d"
        }
    }
}

/// The part of JSONPath that columns use: fields, and items by the value of a field.
struct JSONPath {
    private enum Step {
        case field(String)
        case item(where: String, is: String)
        case index(Int)
    }

    private var steps: [Step] = []

    /// Steps that cannot be read find nothing.
    init(_ text: String) {
        var rest = text[...]
        while let first = rest.first {
            if first == "." {
                let name = rest.dropFirst().prefix { $0 != "." && $0 != "[" }
                steps.append(.field(String(name)))
                rest = rest.dropFirst(1 + name.count)
            } else if first == "[", let end = rest.firstIndex(of: "]") {
                steps.append(Self.step(String(rest[rest.index(after: rest.startIndex)..<end])))
                rest = rest[rest.index(after: end)...]
            } else {
                steps = [.field("")]
                return
            }
        }
    }

    private static func step(_ text: String) -> Step {
        if let index = Int(text) { return .index(index) }
        let parts = text.split(separator: "==", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[0].hasPrefix("?(@.") else { return .field("") }
        let value = parts[1].filter { !"'\")".contains($0) }
        return .item(where: String(parts[0].dropFirst(4)), is: value)
    }

    func value(in object: JSON) -> JSON? {
        var value: JSON? = object
        for step in steps {
            switch step {
            case .field(let name): value = value?[name]
            case .index(let index):
                value = value?.array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            case .item(let name, let wanted): value = value?.array?.first { $0[name]?.string == wanted }
            }
        }
        return value
    }
}
