package import API
import Cryptography
import YAML

/// What gateways and operators say to each other about approvals, as JSON: a gateway posts a question and is answered where
/// it stands; later answers come as lines of the configuration stream.
package enum ApprovalMessages {
    /// Longest message, in bytes.
    package static let maximumLength = 1 << 20
    /// Longest text taken of a refusal, in Unicode scalars. Ours.
    static let maximumRefusalLength = 512

    /// - Throws: `ManifestFault` for what is no question.
    package static func question(_ text: [UInt8]) throws(ManifestFault) -> ApprovalQuestion {
        try item(of: root(of: text)) { ApprovalQuestion(reading: &$0) }
    }

    /// - Throws: `ManifestFault` for what is no answer.
    package static func answer(_ text: [UInt8]) throws(ManifestFault) -> ApprovalAnswer {
        try item(of: root(of: text)) { ApprovalAnswer(reading: &$0) }
    }

    /// What an operator says that does not take a question, `{"error":{"message":"…"}}`, in one line.
    /// - Returns: `nil` where it says nothing.
    package static func refusal(_ text: [UInt8]) -> String? {
        guard let node = try? root(of: text),
            case .string(let message)? = node["error"]?["message"]?.value
        else { return nil }
        var line = ""
        for scalar in message.unicodeScalars.prefix(maximumRefusalLength) {
            line.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return line.isEmpty ? nil : line
    }

    private static func root(of text: [UInt8]) throws(ManifestFault) -> ManifestNode {
        guard text.count <= maximumLength else { throw ManifestFault(at: nowhere, "is too long") }
        let documents = try YAMLDocument.all(in: JSONForYAML.escaping(text), file: source)
        guard documents.count == 1, let document = documents.first else {
            throw ManifestFault(at: nowhere, "is not one JSON object")
        }
        if let fault = document.faults.first { throw fault }
        return document.root
    }

    static func item<Item>(
        of node: ManifestNode, _ body: (inout MappingReader) -> Item
    ) throws(ManifestFault) -> Item {
        let faults = FaultList()
        var fields = MappingReader(node, faults: faults)
        let item = body(&fields)
        fields.finish()
        if let fault = faults.faults.first { throw fault }
        return item
    }

    private static let source = "approvals"
    private static let nowhere = ManifestPosition(file: source, line: 0, column: 0)
}

extension ApprovalQuestion {
    package var json: JSONText {
        .object([
            "id": .string(id),
            "rule": .object(["namespace": .string(rule.namespace), "name": .string(rule.name)]),
            "connection": .string(connection),
            "requester": .object([
                "name": .string(requester.subject.name), "groups": .strings(requester.subject.groups),
                "proof": .string(requester.subject.proof.rawValue), "through": .string(requester.through),
                "attributes": .strings(requester.subject.attributeTexts),
            ]),
            "digest": .string(Hexadecimal.encode(digest)), "kind": .string(kind.rawValue),
            "tables": .strings(tables), "redactedText": .string(redactedText),
            "whileWaiting": .string(whileWaiting.rawValue),
            "breakGlass": .string(breakGlass ?? ""), "allowance": .string(allowance),
        ])
    }

    init(reading fields: inout MappingReader) {
        self.init(
            id: fields.string("id", .label),
            rule: fields.object("rule") { ApprovalRequest.RuleReference(reading: &$0) },
            connection: fields.string("connection", .text(3...320)),
            requester: fields.object("requester") { requester in
                let subject = Subject(
                    name: requester.string("name", .text(1...256)),
                    groups: requester.strings("groups", .text(1...256), upTo: ApprovalRequest.maximumNames),
                    proof: requester.choice("proof", else: .gatewayUser),
                    attributes: Subject.attributes(
                        requester.strings("attributes", .text(1...1024), upTo: ApprovalRequest.maximumNames)))
                return ApprovalRequester(
                    subject, through: requester.string("through", .text(0...256), default: ""))
            },
            digest: Hexadecimal.decode(fields.string("digest", .digest)) ?? [],
            kind: fields.choice("kind", else: .administer),
            tables: fields.strings("tables", upTo: ApprovalRequest.maximumNames),
            redactedText: fields.string("redactedText", .statementText),
            whileWaiting: fields.choice("whileWaiting", else: .block),
            breakGlass: fields.optionalString(
                "breakGlass", .text(0...ApprovalRequest.maximumReasonLength)
            ).flatMap { $0.isEmpty ? nil : $0 },
            allowance: fields.optionalString("allowance", .statementText) ?? "")
    }
}

extension ApprovalAnswer {
    /// In place of one to that question which cannot be read: the statement is not to run.
    package static func unreadable(_ id: String, _ reason: String) -> Self {
        Self(
            id: id, request: id, state: .refused, reason: "the operator's answer cannot be read: \(reason)")
    }

    package var json: JSONText {
        .object([
            "id": .string(id), "request": .string(request), "state": .string(state.rawValue),
            "reason": .string(reason),
            "decisions": .list(
                decisions.map { decision in
                    .object([
                        "approver": .string(decision.approver), "verdict": .string(decision.verdict.rawValue),
                        "reason": .string(decision.reason), "time": .string(decision.time),
                    ])
                }),
        ])
    }

    init(reading fields: inout MappingReader) {
        self.init(
            id: fields.string("id", .label), request: fields.string("request", .objectName),
            state: fields.choice("state", else: .refused),
            reason: fields.string("reason", .any, default: ""),
            decisions: fields.objects("decisions", upTo: ApprovalRequest.maximumDecisions) { decision in
                Decision(
                    approver: decision.string("approver", .text(1...256)),
                    verdict: decision.choice("verdict", else: .deny),
                    reason: decision.string("reason", .any, default: ""),
                    time: decision.string("time", .dateTime))
            })
    }
}
