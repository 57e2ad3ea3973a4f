import API
import Foundation
import Testing

/// What `examples.yaml` says of the decoders; `Tests/CustomResources` holds the schemas to the same.
struct ExampleTests {
    struct Example: CustomTestStringConvertible {
        var kind: ResourceKind
        var spec: ManifestNode
        var isAccepted: Bool
        var testDescription: String { "\(kind.rawValue) \(spec.text)" }
    }

    static func examples() throws -> [Example] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "examples.yaml")
        let root = try CustomResource.document(Array(Data(contentsOf: file)), file.lastPathComponent)
        return (root["cases"]?.items ?? []).flatMap { item -> [Example] in
            guard let kind = ResourceKind(rawValue: item["kind"]?.text ?? "") else { return [] }
            let base = root["base"]?[kind.rawValue] ?? item
            return ["accepted", "refused"].flatMap { verdict in
                (item[verdict]?.items ?? []).map {
                    Example(
                        kind: kind, spec: replacing($0.fields, in: base), isAccepted: verdict == "accepted")
                }
            }
        }
    }

    private static func replacing(_ fields: [ManifestNode.Field], in base: ManifestNode) -> ManifestNode {
        let kept = base.fields.filter { field in !fields.contains { $0.key == field.key } }
        return CustomResource.mapping(kept + fields.filter { $0.value.value != .null })
    }

    @Test func `there are examples of every kind`() throws {
        let examples = try Self.examples()
        #expect(examples.count > 150)
        #expect(Set(examples.map(\.kind)) == Set(ResourceKind.allCases))
    }

    @Test(arguments: try examples())
    func `a decoder judges an example as it says`(example: Example) {
        let faults = Self.faults(in: example.spec, of: example.kind)
        #expect(faults.isEmpty == example.isAccepted, "\(faults)")
    }

    @Test(arguments: try examples().filter(\.isAccepted))
    func `the defaults of a schema mean to a decoder what is left out`(example: Example) throws {
        let schema = try #require(try CustomResource(example.kind).schema?["properties"]?["spec"])
        let defaulted = example.spec.defaulted(by: schema)
        #expect(defaulted != example.spec || example.kind == .approvalRequest)
        let object = Self.object(example.spec, of: example.kind)
        let stored = Self.object(defaulted, of: example.kind)
        switch example.kind {
        case .databaseConnection:
            let read = { try DatabaseConnection(manifest: $0, defaultNamespace: "apps") }
            #expect(try read(stored) == read(object))
        case .maskingPolicy:
            let read = { try MaskingPolicy(manifest: $0, defaultNamespace: "apps") }
            #expect(try read(stored) == read(object))
        case .approvalRule:
            let read = { try ApprovalRule(manifest: $0, defaultNamespace: "apps") }
            #expect(try read(stored) == read(object))
        case .approvalRequest:
            let read = { try ApprovalRequest(manifest: $0, defaultNamespace: "apps") }
            #expect(try read(stored) == read(object))
        }
    }

    private static func faults(in spec: ManifestNode, of kind: ResourceKind) -> [String] {
        let node = object(spec, of: kind)
        do throws(ManifestFaults) {
            switch kind {
            case .databaseConnection: _ = try DatabaseConnection(manifest: node, defaultNamespace: "apps")
            case .maskingPolicy: _ = try MaskingPolicy(manifest: node, defaultNamespace: "apps")
            case .approvalRule: _ = try ApprovalRule(manifest: node, defaultNamespace: "apps")
            case .approvalRequest: _ = try ApprovalRequest(manifest: node, defaultNamespace: "apps")
            }
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    private static func object(_ spec: ManifestNode, of kind: ResourceKind) -> ManifestNode {
        let object = [
            "apiVersion": CustomResource.text(ResourceKind.apiVersion),
            "kind": CustomResource.text(kind.rawValue),
            "metadata": CustomResource.mapping([
                .init(key: "name", position: CustomResource.position, value: CustomResource.text("a"))
            ]),
            "spec": spec,
        ]
        return CustomResource.mapping(
            object.map { .init(key: $0.key, position: CustomResource.position, value: $0.value) })
    }
}
