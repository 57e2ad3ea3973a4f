import API
import Foundation

@testable import Manifests
@testable import YAML

/// A CustomResourceDefinition of the project.
struct CustomResource {
    var kind: ResourceKind
    var definition: ManifestNode
    var bytes: Int

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    init(_ kind: ResourceKind) throws {
        self.kind = kind
        let file = Self.root.appending(path: "CRDs/\(kind.plural).yaml")
        let text = try Data(contentsOf: file)
        definition = try Self.document(Array(text), file.lastPathComponent)
        bytes = text.count
    }

    static func document(_ text: [UInt8], _ file: String) throws -> ManifestNode {
        let documents = try YAMLDocument.all(in: text, file: file)
        guard documents.count == 1 else { throw ManifestFaults(documents.flatMap(\.faults)) }
        guard documents[0].faults.isEmpty else { throw ManifestFaults(documents[0].faults) }
        return documents[0].root
    }

    var version: ManifestNode? { definition["spec"]?["versions"]?.items.first }

    var schema: ManifestNode? { version?["schema"]?["openAPIV3Schema"] }

    /// The fields of `spec` and `status`.
    var fields: [String: SchemaField] {
        let properties = schema?["properties"]
        return ["spec", "status"].reduce(into: [:]) { fields, name in
            guard let schema = properties?[name] else { return }
            fields.merge(SchemaField.all(of: schema, at: name, isRequired: name == "spec")) { $1 }
        }
    }

    /// What the decoder asks, with every choice of the schema made once: it may ask further fields because of one.
    func questions() -> [String: FieldQuestion] {
        var questions = questions(reading: Self.mapping([]))
        for (path, field) in fields {
            for choice in field.choices {
                var node = ManifestNode(.string(choice), at: Self.position)
                for name in path.split(separator: ".").map(String.init).reversed() {
                    if name.hasSuffix("[]") { node = ManifestNode(.sequence([node]), at: Self.position) }
                    let key = name.replacing("[]", with: "")
                    node = Self.mapping([.init(key: key, position: Self.position, value: node)])
                }
                questions.merge(self.questions(reading: node)) { first, _ in first }
            }
        }
        return questions.filter { $0.key.hasPrefix("spec") }
    }

    private func questions(reading node: ManifestNode) -> [String: FieldQuestion] {
        switch kind {
        case .databaseConnection: DatabaseConnection.questions(reading: node)
        case .maskingPolicy: MaskingPolicy.questions(reading: node)
        case .approvalRule: ApprovalRule.questions(reading: node)
        case .approvalRequest: ApprovalRequest.questions(reading: node)
        }
    }

    static let position = ManifestPosition(file: "", line: 0, column: 0)

    static func text(_ text: String) -> ManifestNode { ManifestNode(.string(text), at: position) }

    static func mapping(_ fields: [ManifestNode.Field]) -> ManifestNode {
        ManifestNode(.mapping(fields), at: position)
    }
}

extension ManifestNode {
    /// The value with the defaults of a schema, as an API server stores it.
    func defaulted(by schema: ManifestNode) -> ManifestNode {
        switch value {
        case .mapping(let written):
            var fields = written
            for property in schema["properties"]?.fields ?? [] where self[property.key] == nil {
                guard let fallback = property.value["default"] else { continue }
                fields.append(.init(key: property.key, position: position, value: fallback))
            }
            return ManifestNode(
                .mapping(
                    fields.map { field in
                        let schema = schema["properties"]?[field.key]
                        let value = schema.map { field.value.defaulted(by: $0) } ?? field.value
                        return .init(key: field.key, position: field.position, value: value)
                    }), at: position)
        case .sequence(let items):
            guard let schema = schema["items"] else { return self }
            return ManifestNode(.sequence(items.map { $0.defaulted(by: schema) }), at: position)
        case .null, .boolean, .integer, .number, .string: return self
        }
    }
}

extension ResourceKind {
    var plural: String {
        switch self {
        case .databaseConnection: "databaseconnections"
        case .maskingPolicy: "maskingpolicies"
        case .approvalRule: "approvalrules"
        case .approvalRequest: "approvalrequests"
        }
    }
}
