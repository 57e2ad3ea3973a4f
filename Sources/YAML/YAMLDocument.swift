package import API

/// One document of a YAML stream as a tree, with what a manifest may not contain.
///
/// Anchors, aliases, merge keys, tags beyond YAML's core and keys that are not strings are faults: a reader
/// of the text must see what applies without resolving references.
package struct YAMLDocument {
    package var root: ManifestNode
    package var faults: [ManifestFault]

    /// Deepest nesting of lists and mappings.
    static let maximumDepth = 32
    /// Most documents of one file.
    static let maximumCount = 1000
    /// Most values of one file.
    static let maximumNodes = 100_000

    /// Reads every document of a file.
    ///
    /// - Throws: when the text is no YAML or passes a limit; the documents' own faults are kept with them.
    package static func all(in text: [UInt8], file: String) throws(ManifestFault) -> [Self] {
        var reader = TreeReader(parser: try YAMLParser(text, file: file))
        var documents: [Self] = []
        while let document = try reader.document() {
            if documents.count == maximumCount {
                throw ManifestFault(at: document.root.position, "has more than \(maximumCount) documents")
            }
            // An empty document, as between two separators, defines nothing.
            if document.root.value != .null || !document.faults.isEmpty { documents.append(document) }
        }
        return documents
    }
}

/// Builds trees from events.
private struct TreeReader: ~Copyable {
    private var parser: YAMLParser
    private var faults: [ManifestFault] = []
    private var nodeCount = 0

    init(parser: consuming YAMLParser) {
        self.parser = parser
    }

    /// The next document; `nil` at the stream's end.
    mutating func document() throws(ManifestFault) -> YAMLDocument? {
        while true {
            switch try parser.next().kind {
            case .streamEnd: return nil
            case .documentStart:
                faults = []
                let root = try node(try parser.next(), path: "", depth: 0)
                return YAMLDocument(root: root, faults: faults)
            case .documentEnd, .alias, .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd,
                .other:
                continue
            }
        }
    }

    private mutating func node(
        _ event: YAMLParser.Event, path: String, depth: Int
    ) throws(ManifestFault) -> ManifestNode {
        nodeCount += 1
        guard nodeCount <= YAMLDocument.maximumNodes else {
            throw ManifestFault(at: event.position, "has more than \(YAMLDocument.maximumNodes) values")
        }
        if event.hasAnchor { fault(event, path, "has an anchor, which manifests may not use") }
        switch event.kind {
        case .scalar(let text, let isPlain):
            return ManifestNode(scalar(text, isPlain: isPlain, event, path), at: event.position)
        case .sequenceStart:
            check(event, path, core: "seq")
            try checkDepth(depth, event)
            return try sequence(at: event.position, path: path, depth: depth + 1)
        case .mappingStart:
            check(event, path, core: "map")
            try checkDepth(depth, event)
            return try mapping(at: event.position, path: path, depth: depth + 1)
        case .alias:
            fault(event, path, "is an alias, which manifests may not use")
            return ManifestNode(.null, at: event.position)
        case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd, .other:
            throw ManifestFault(at: event.position, "is no YAML: a value is missing")
        }
    }

    private func checkDepth(_ depth: Int, _ event: YAMLParser.Event) throws(ManifestFault) {
        guard depth < YAMLDocument.maximumDepth else {
            throw ManifestFault(
                at: event.position, "is nested deeper than \(YAMLDocument.maximumDepth) levels")
        }
    }

    private mutating func sequence(
        at position: ManifestPosition, path: String, depth: Int
    ) throws(ManifestFault) -> ManifestNode {
        var items: [ManifestNode] = []
        while true {
            let event = try parser.next()
            if case .sequenceEnd = event.kind { return ManifestNode(.sequence(items), at: position) }
            items.append(try node(event, path: "\(path)[\(items.count)]", depth: depth))
        }
    }

    private mutating func mapping(
        at position: ManifestPosition, path: String, depth: Int
    ) throws(ManifestFault) -> ManifestNode {
        var fields: [ManifestNode.Field] = []
        while true {
            let event = try parser.next()
            if case .mappingEnd = event.kind { return ManifestNode(.mapping(fields), at: position) }
            let key = try key(event, path: path, depth: depth)
            let value = try node(
                try parser.next(), path: path.isEmpty ? key : "\(path).\(key)", depth: depth)
            fields.append(.init(key: key, position: event.position, value: value))
        }
    }

    private mutating func key(
        _ event: YAMLParser.Event, path: String, depth: Int
    ) throws(ManifestFault) -> String {
        if case .scalar(let text, let isPlain) = event.kind, text == "<<", isPlain {
            fault(event, path, "has a merge key, which manifests may not use")
            return text
        }
        // Faults of the key itself are told at the mapping it stands in.
        let key = try node(event, path: path, depth: depth)
        if case .string(let text) = key.value { return text }
        if case .alias = event.kind { return "" }
        fault(event, path, "has a key that is \(key.typeName); put it in quotes")
        return ""
    }

    private mutating func scalar(
        _ text: String, isPlain: Bool, _ event: YAMLParser.Event, _ path: String
    ) -> ManifestNode.Value {
        if event.tag == "!" || event.tag == Self.core + "str" { return .string(text) }
        guard isPlain else {
            check(event, path, core: "str")
            return .string(text)
        }
        do {
            let value = try PlainScalar.value(of: text)
            check(event, path, core: Self.tag(of: value))
            return value
        } catch {
            fault(event, path, error.message)
            return .string(text)
        }
    }

    private static let core = "tag:yaml.org,2002:"

    private static func tag(of value: ManifestNode.Value) -> String {
        switch value {
        case .null: "null"
        case .boolean: "bool"
        case .integer: "int"
        case .number: "float"
        case .string: "str"
        case .sequence: "seq"
        case .mapping: "map"
        }
    }

    /// A tag may only say what the value is anyway.
    private mutating func check(_ event: YAMLParser.Event, _ path: String, core name: String) {
        if let tag = event.tag, tag != Self.core + name {
            fault(event, path, "has a tag that manifests may not use")
        }
    }

    private mutating func fault(_ event: YAMLParser.Event, _ path: String, _ message: String) {
        faults.append(ManifestFault(at: event.position, field: path, message))
    }
}
