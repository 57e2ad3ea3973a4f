import API
import Testing

/// The decoders on a tree that no YAML was read for, as the API server's JSON will be.
struct MappingReaderTests {
    private let position = ManifestPosition(file: "default/clinic", line: 0, column: 0)

    private func node(_ value: ManifestNode.Value) -> ManifestNode { ManifestNode(value, at: position) }

    private func mapping(_ fields: KeyValuePairs<String, ManifestNode.Value>) -> ManifestNode.Value {
        .mapping(fields.map { .init(key: $0.key, position: position, value: node($0.value)) })
    }

    private func strings(_ texts: String...) -> ManifestNode.Value {
        .sequence(texts.map { node(.string($0)) })
    }

    private func rule(_ match: ManifestNode.Value) -> ManifestNode {
        node(
            mapping([
                "apiVersion": .string("weir.dev/v1alpha1"), "kind": .string("ApprovalRule"),
                "metadata": mapping([
                    "name": .string("r"), "uid": .string("0f6c"), "generation": .integer(3),
                    "managedFields": .sequence([node(.null)]),
                ]),
                "spec": mapping([
                    "targets": mapping(["connectionNames": strings("clinic")]), "match": match,
                    "effect": .string("Deny"),
                ]),
                "status": mapping(["observedGeneration": .integer(3)]),
            ]))
    }

    private func faults(_ node: ManifestNode) -> [String] {
        do {
            _ = try ApprovalRule(manifest: node, defaultNamespace: "default")
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test func `an object of the API server is read, with what the server added`() throws {
        let rule = try ApprovalRule(
            manifest: rule(mapping(["statements": strings("Drop")])), defaultNamespace: "default")
        #expect(rule.metadata.qualifiedName == "default/r")
        #expect(rule.spec.match.statements == [.drop])
        #expect(rule.spec.priority == 500)
        #expect(rule.spec.whileWaiting == .block)
    }

    @Test func `a fault without lines names the object and field`() {
        #expect(
            faults(rule(mapping(["statements": strings("Drop", "Burn"), "Tables": strings()]))) == [
                "default/clinic: spec.match.statements[1]: is none of "
                    + ApprovalRule.StatementKind.allCases.map(\.rawValue).joined(separator: ", "),
                "default/clinic: spec.match.Tables: is unknown; did you mean tables?",
            ])
    }

    @Test func `an object that is empty lacks everything at once`() {
        #expect(
            faults(node(mapping([:]))) == [
                "default/clinic: apiVersion: is missing", "default/clinic: kind: is missing",
                "default/clinic: metadata: is missing", "default/clinic: spec: is missing",
            ])
    }

    @Test(arguments: [
        ManifestNode.Value.null, .boolean(true), .integer(1), .number("1.5"), .string("x"), .sequence([]),
    ])
    func `what is no mapping is no object`(value: ManifestNode.Value) {
        #expect(!faults(node(value)).isEmpty)
        #expect(!faults(rule(value)).isEmpty)
    }

    @Test func `a list is read to its limit and no further`() {
        let tables = { (count: Int) in
            ManifestNode.Value.sequence((0..<count).map { node(.string("t\($0)")) })
        }
        let limit = MappingReader.maximumCount
        #expect(faults(rule(mapping(["tables": tables(limit)]))).isEmpty)
        #expect(
            faults(rule(mapping(["tables": tables(limit + 1)]))).contains(
                "default/clinic: spec.match.tables: has more than \(limit) items"))
    }

    @Test(
        arguments: [(0, true), (1 << 50, true), (-1, false), ((1 << 50) + 1, false), (Int64.max, false)]
            as [(Int64, Bool)])
    func `an integer is read to its limits and no further`(value: Int64, isRight: Bool) {
        #expect(faults(rule(mapping(["estimatedRowsAtLeast": .integer(value)]))).isEmpty == isRight)
    }

    @Test func `a selector's requirements are Kubernetes' own`() {
        let labels = ["tier": "gold"]
        func requires(_ key: String, _ operator: LabelSelector.Operator, _ values: String...) -> Bool {
            LabelSelector(matchExpressions: [.init(key: key, operator: `operator`, values: values)]).selects(
                labels)
        }
        #expect(requires("tier", .isIn, "gold", "iron") && !requires("tier", .isIn, "iron"))
        #expect(!requires("zone", .isIn, "a") && requires("zone", .notIn, "a"))
        #expect(requires("tier", .notIn, "iron") && !requires("tier", .notIn, "gold"))
        #expect(requires("tier", .exists) && !requires("zone", .exists))
        #expect(requires("zone", .doesNotExist) && !requires("tier", .doesNotExist))
        #expect(LabelSelector().selects([:]))
        #expect(!LabelSelector(matchLabels: ["tier": "iron"]).selects(labels))
    }
}
