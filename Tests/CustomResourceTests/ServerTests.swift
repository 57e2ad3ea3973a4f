import API
import Foundation
import Kubernetes
import Testing

@testable import ClusterModel

/// What `examples.yaml` says of the schemas, as the API server for tests reads them.
struct ServerTests {
    struct Example: CustomTestStringConvertible {
        var kind: ResourceKind
        var spec: JSON
        var old: JSON?
        var isAccepted: Bool
        var message: String?
        var testDescription: String { "\(kind.rawValue) \(spec)" }
    }

    static func examples() throws -> [Example] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "examples.yaml")
        let root = JSON(try CustomResource.document(Array(Data(contentsOf: file)), file.lastPathComponent))
        return (root["cases"]?.array ?? []).flatMap { item -> [Example] in
            guard let kind = ResourceKind(rawValue: item["kind"]?.string ?? ""),
                let base = root["base", kind.rawValue]
            else { return [] }
            // As a merge patch, but that a field is replaced whole.
            func spec(_ changes: JSON?) -> JSON {
                var spec = base
                for (name, value) in changes?.object ?? JSON.Object() {
                    spec[name] = value == .null ? nil : value
                }
                return spec
            }
            return ["accepted", "refused"].flatMap { verdict in
                let isAccepted = verdict == "accepted"
                let message = item["message"]?.string
                return (item[verdict]?.array ?? []).map {
                    Example(kind: kind, spec: spec($0), isAccepted: isAccepted, message: message)
                }
                    + (item["changes", verdict]?.array ?? []).map {
                        Example(
                            kind: kind, spec: spec($0["to"]), old: spec($0["from"]), isAccepted: isAccepted,
                            message: message)
                    }
            }
        }
    }

    @Test(arguments: try examples())
    func `the server judges an example as it says`(example: Example) throws {
        let definition = try #require(try CustomResource(example.kind).schema?["properties"]?["spec"])
        let schema = Schema(JSON(definition))
        let spec = schema.defaulted(example.spec)
        var faults = schema.faults(in: spec, at: "spec")
        if faults.isEmpty {
            faults = schema.brokenRules(in: spec, old: example.old.map(schema.defaulted), at: "spec")
        }
        #expect(faults.isEmpty == example.isAccepted, "\(faults)")
        if !example.isAccepted, let message = example.message {
            #expect(faults.contains { $0.message.hasSuffix(message) }, "\(faults)")
        }
    }
}

extension JSON {
    fileprivate init(_ node: ManifestNode) {
        switch node.value {
        case .null: self = .null
        case .boolean(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let text): self = .number(text)
        case .string(let text): self = .string(text)
        case .sequence(let items): self = .array(items.map { JSON($0) })
        case .mapping(let fields): self = .object(Object(fields.map { ($0.key, JSON($0.value)) }))
        }
    }
}
