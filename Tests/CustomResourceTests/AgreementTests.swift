import API
import Testing

/// The schemas of `CRDs/` and the decoders of `API`, field by field.
struct AgreementTests {
    /// Where the two sides differ in one line, for a reason that the rules of the schema or the protocol make up for.
    private let exceptions: [String: (decoder: String, schema: String)] = [
        // Either `host` or `hosts`: a rule of the schema.
        "spec.upstream.host": (", required", ""),
        // The protocol's own.
        "spec.upstream.port": (", default 5432", ""),
        "spec.upstream.hosts[].port": (", default 5432", ""),
        // Required by the type of the action: rules of the schema.
        "spec.rules[].action.partial": (", required", ""),
        "spec.rules[].action.generalize": (", required", ""),
    ]

    @Test(arguments: ResourceKind.allCases)
    func `schema and decoder have the same fields, types, choices, defaults and bounds`(
        kind: ResourceKind
    ) throws {
        let resource = try CustomResource(kind)
        let questions = resource.questions()
        let fields = resource.fields.filter { $0.key.hasPrefix("spec") }
        #expect(questions.count > 10)
        for path in Set(questions.keys).union(fields.keys).sorted() {
            var asked = questions[path]?.line ?? "not asked by the decoder"
            if let exception = exceptions[path] {
                #expect(asked.contains(exception.decoder), "\(path) is no exception any more")
                asked.replace(exception.decoder, with: exception.schema)
            }
            if materialises(path, in: fields) { asked += ", default {}" }
            let written = fields[path]?.line ?? "not in the schema"
            #expect("\(path): \(written)" == "\(path): \(asked)")
        }
    }

    /// Whether an absent object must appear with the defaults of its fields: where it has any, and nothing in it is
    /// required. The settings of a masking action appear only by their type.
    private func materialises(_ path: String, in fields: [String: SchemaField]) -> Bool {
        guard let field = fields[path], field.schema["type"]?.text == "object", !field.isRequired,
            !path.hasSuffix("[]"), !path.hasPrefix("spec.rules[].action.")
        else { return false }
        let children = (field.schema["properties"]?.fields ?? []).compactMap { fields["\(path).\($0.key)"] }
        return children.contains { $0.schema["default"] != nil } && !children.contains(where: \.isRequired)
    }

    @Test(arguments: [
        "", "a", "A", "-", "a-", ".", "..", "...", ".a", "a.", "a.b", "a..b", "a.b.c", ".b", "a b", "a/b",
        "a:1",
        "_", "1", "1A", "A1_", "é", "e\u{301}", "a.\u{301}b", "\u{0}", "a\nb", "a\u{7F}", "07", "077", "0777",
        "1777", "778", "+77", "50m", "64Mi", "1.", ".5", ".", "1e3", "1E-3", "1e", "1ee3", "-1", "1 m", "1Ki",
        "1K",
        "1k", "1i", String(repeating: "a", count: 63), String(repeating: "a", count: 64),
        String(repeating: "a", count: 253), String(repeating: "a.", count: 126) + "a",
        String(repeating: "a.", count: 127), String(repeating: "é", count: 64),
        String(repeating: "a", count: 4096), String(repeating: "é", count: 4096),
        String(repeating: "a", count: 4097), String(repeating: "f", count: 64),
        String(repeating: "g", count: 64),
        "https://", "https://a", "https://a b", "http://a", "http://localhost", "http://localhost:1",
        "http://127.0.0.1/a", "http://[::1]:1/", "http://localhost.evil/",
        "Mon 09:00-17:00 UTC", "Mon-Wed,Sat 22:00-06:30 UTC-05:30", "Mon 00:00-24:00 UTC+14:00",
        "Mon 09:00-00:00 UTC", "Mon 24:00-17:00 UTC", "Mon 09:00-17:00 UTC+14:01", "Mon 9:00-17:00 UTC",
    ])
    func `the pattern of a format takes what the decoder takes`(text: String) throws {
        let formats: [StringFormat] = [
            .any, .nonEmpty, .text(1...1), .text(0...1024), .objectName, .label, .dataKey,
            .environmentVariable,
            .fileMode, .qualifiedName, .host, .hostOrEmpty, .quantity, .digest, .timeWindow, .webAddress,
        ]
        for format in formats {
            let takes = try SchemaPattern(of: format).takes(text)
            #expect(takes == (format.fault(in: text) == nil), "\(format)")
        }
    }

    @Test(arguments: ResourceKind.allCases)
    func `every list, map and string has a bound, and every field a description`(kind: ResourceKind) throws {
        for (path, field) in try CustomResource(kind).fields {
            let schema = field.schema
            switch schema["type"]?.text {
            case "array":
                #expect(schema["maxItems"] != nil, "\(path)")
                #expect(schema["x-kubernetes-list-type"] != nil, "\(path)")
            case "object" where schema["additionalProperties"] != nil:
                #expect(schema["maxProperties"] != nil, "\(path)")
                #expect(schema["additionalProperties"]?["maxLength"] != nil, "\(path)")
            case "string":
                let isBounded = schema["maxLength"] != nil || schema["enum"] != nil
                #expect(isBounded || schema["format"]?.text == "date-time", "\(path)")
            case let type: #expect(["object", "boolean", "integer"].contains(type), "\(path)")
            }
            guard !path.hasSuffix("[]") || schema["type"]?.text == "object" else { continue }
            let description = schema["description"]?.text ?? ""
            #expect(description.hasSuffix(".") || description.hasSuffix(")"), "\(path): \(description)")
        }
    }

    @Test(arguments: ResourceKind.allCases)
    func `a definition is whole`(kind: ResourceKind) throws {
        let resource = try CustomResource(kind)
        #expect(resource.bytes < 256 << 10)
        let spec = resource.definition["spec"]
        #expect(spec?["names"]?["kind"]?.text == kind.rawValue)
        #expect(resource.definition["metadata"]?["name"]?.text == "\(kind.plural).\(ResourceKind.group)")
        #expect("\(ResourceKind.group)/\(resource.version?["name"]?.text ?? "")" == ResourceKind.apiVersion)
        #expect(resource.version?["subresources"]?["status"] != nil)
        #expect(resource.fields["status"]?.line == "object, default {observedGeneration: -1}")
        #expect(resource.fields["status.conditions"]?.schema["x-kubernetes-list-map-keys"]?.texts == ["type"])
        for (path, field) in resource.fields {
            for rule in field.schema["x-kubernetes-validations"]?.items ?? [] {
                #expect(rule["message"] != nil, "\(path)")
            }
        }
    }
}
