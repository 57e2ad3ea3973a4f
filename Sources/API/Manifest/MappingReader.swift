/// Collects the faults of one object while it is read, so that they are told all at once.
package final class FaultList {
    package private(set) var faults: [ManifestFault] = []
    /// Told what is asked of each field; `nil` where nobody wants to know.
    let inquiry: FieldInquiry?

    package init(inquiry: FieldInquiry? = nil) {
        self.inquiry = inquiry
    }

    package func append(_ fault: ManifestFault) {
        faults.append(fault)
    }
}

/// Reads the fields of one mapping; every fault is noted and reading goes on with a stand-in value.
///
/// What was read may be used only when the list of faults is still empty at the end. A field nobody asked
/// for is a fault, noted by ``finish()``, which the nested readers' owners call.
package struct MappingReader {
    /// Most items of one list or entries of one map of strings.
    package static let maximumCount = 1000

    /// The path of the mapping, empty for the document.
    package let path: String
    package let position: ManifestPosition
    private let fields: [String: ManifestNode.Field]
    private let order: [String]
    private var known: Set<String> = []
    private let faults: FaultList

    package init(_ node: ManifestNode, path: String = "", faults: FaultList) {
        self.path = path
        self.faults = faults
        position = node.position
        var fields: [String: ManifestNode.Field] = [:]
        var order: [String] = []
        if case .mapping(let written) = node.value {
            for field in written {
                if fields[field.key] == nil {
                    fields[field.key] = field
                    order.append(field.key)
                } else {
                    let duplicate = Self.join(path, field.key)
                    faults.append(.init(at: field.position, field: duplicate, "is defined twice"))
                }
            }
        } else {
            faults.append(.init(at: position, field: path, "is \(node.typeName), not a mapping"))
        }
        self.fields = fields
        self.order = order
    }

    /// Notes every field that was not asked for.
    package func finish() {
        for name in order where !known.contains(name) {
            guard let position = fields[name]?.position else { continue }
            let hint = known.sorted().first { $0.lowercased() == name.lowercased() }
            let message = hint.map { "is unknown; did you mean \($0)?" } ?? "is unknown"
            faults.append(.init(at: position, field: pathOf(name), message))
        }
    }

    package func has(_ name: String) -> Bool {
        fields[name] != nil
    }

    /// Notes a fault of the mapping as a whole.
    package func fault(_ message: String) {
        faults.append(.init(at: position, field: path, message))
    }

    /// Notes a fault of the named field, or of the mapping itself where the field is absent.
    package func fault(at name: String, _ message: String) {
        faults.append(.init(at: fields[name]?.position ?? position, field: pathOf(name), message))
    }

    private func pathOf(_ name: String) -> String {
        Self.join(path, name)
    }

    /// Accepts a field whatever it holds.
    package mutating func ignore(_ name: String) {
        known.insert(name)
    }

    /// An entry of a field that holds anything; empty where there is none, or no text.
    package mutating func text(at entry: String, in name: String) -> String {
        known.insert(name)
        guard case .string(let text)? = fields[name]?.value[entry]?.value else { return "" }
        return text
    }

    private static func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    /// The field's node, `nil` when it is absent or was left empty, which is a fault.
    private mutating func node(_ name: String) -> ManifestNode? {
        known.insert(name)
        guard let node = fields[name]?.value else { return nil }
        guard node.value != .null else {
            fault(at: name, "has no value; give it one or leave it out")
            return nil
        }
        return node
    }

    private func ask(_ name: String, _ kind: FieldQuestion.Kind) {
        faults.inquiry?.note(pathOf(name), kind)
    }

    private mutating func required<Value>(_ name: String, _ value: Value?, else standIn: Value) -> Value {
        faults.inquiry?.require(pathOf(name))
        if fields[name] == nil { fault(at: name, "is missing") }
        return value ?? standIn
    }

    private func mismatch(_ node: ManifestNode, at path: String, _ expected: String, hint: String = "") {
        faults.append(.init(at: node.position, field: path, "is \(node.typeName), not \(expected)\(hint)"))
    }
}

// MARK: - Scalars

extension MappingReader {
    package mutating func optionalString(_ name: String, _ format: StringFormat = .nonEmpty) -> String? {
        ask(name, .string(format))
        guard let node = node(name) else { return nil }
        return text(node, format, at: pathOf(name))
    }

    package mutating func string(_ name: String, _ format: StringFormat = .nonEmpty) -> String {
        required(name, optionalString(name, format), else: "")
    }

    package mutating func string(
        _ name: String, _ format: StringFormat = .nonEmpty, default fallback: String
    ) -> String {
        let value = optionalString(name, format)
        faults.inquiry?.defaultValue(pathOf(name), .string(fallback))
        return value ?? fallback
    }

    package mutating func optionalBoolean(_ name: String) -> Bool? {
        ask(name, .boolean)
        guard let node = node(name) else { return nil }
        if case .boolean(let value) = node.value { return value }
        mismatch(node, at: pathOf(name), "true or false")
        return nil
    }

    package mutating func boolean(_ name: String, default fallback: Bool) -> Bool {
        let value = optionalBoolean(name)
        faults.inquiry?.defaultValue(pathOf(name), .boolean(fallback))
        return value ?? fallback
    }

    package mutating func optionalInteger(_ name: String, in range: ClosedRange<Int>) -> Int? {
        ask(name, .integer(range))
        guard let node = node(name) else { return nil }
        guard case .integer(let written) = node.value else {
            mismatch(node, at: pathOf(name), "an integer")
            return nil
        }
        guard let value = Int(exactly: written), range.contains(value) else {
            fault(at: name, "is out of range: \(range.lowerBound) to \(range.upperBound) are allowed")
            return nil
        }
        return value
    }

    package mutating func integer(
        _ name: String, in range: ClosedRange<Int>, default fallback: Int
    ) -> Int {
        let value = optionalInteger(name, in: range)
        faults.inquiry?.defaultValue(pathOf(name), .integer(Int64(fallback)))
        return value ?? fallback
    }

    package mutating func requiredInteger(_ name: String, in range: ClosedRange<Int>) -> Int {
        required(name, optionalInteger(name, in: range), else: range.lowerBound)
    }

    package mutating func duration(
        _ name: String, in range: ClosedRange<Duration>, default fallback: Duration
    ) -> Duration {
        ask(name, .duration(range))
        faults.inquiry?.defaultValue(pathOf(name), .string(fallback.manifestText))
        guard let node = node(name), let text = text(node, .any, at: pathOf(name)) else { return fallback }
        guard let value = Duration(manifest: text) else {
            fault(at: name, "is no duration: write it as in 5s, 30m, 24h")
            return fallback
        }
        guard range.contains(value) else {
            let (low, high) = (range.lowerBound.manifestText, range.upperBound.manifestText)
            fault(at: name, "is out of range: \(low) to \(high) are allowed")
            return fallback
        }
        return value
    }

    package mutating func optionalChoice<Choice>(_ name: String) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        ask(name, .choice(Choice.allCases.map(\.rawValue)))
        guard let node = node(name) else { return nil }
        return choice(node, at: pathOf(name))
    }

    package mutating func choice<Choice>(_ name: String, default fallback: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        let value: Choice? = optionalChoice(name)
        faults.inquiry?.defaultValue(pathOf(name), .string(fallback.rawValue))
        return value ?? fallback
    }

    /// A choice that must be made; after a fault reading goes on with `standIn`.
    package mutating func choice<Choice>(_ name: String, else standIn: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        required(name, optionalChoice(name), else: standIn)
    }

    private func text(_ node: ManifestNode, _ format: StringFormat, at path: String) -> String? {
        guard case .string(let text) = node.value else {
            switch node.value {
            case .boolean, .integer, .number: mismatch(node, at: path, "a string", hint: "; put it in quotes")
            case .null, .string, .sequence, .mapping: mismatch(node, at: path, "a string")
            }
            return nil
        }
        if let fault = format.fault(in: text) {
            faults.append(.init(at: node.position, field: path, fault))
            return nil
        }
        return text
    }

    private func choice<Choice>(_ node: ManifestNode, at path: String) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = text(node, .nonEmpty, at: path) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        faults.append(.init(at: node.position, field: path, "is none of \(allowed)"))
        return nil
    }
}

// MARK: - Lists and mappings

extension MappingReader {
    /// A list of strings; empty when absent.
    package mutating func strings(
        _ name: String, _ format: StringFormat = .nonEmpty, upTo limit: Int = maximumCount
    ) -> [String] {
        faults.inquiry?.note(pathOf(name) + "[]", .string(format))
        return items(name, upTo: limit).compactMap { item, path in text(item, format, at: path) }
    }

    package mutating func choices<Choice>(_ name: String) -> [Choice]
    where Choice: RawRepresentable<String> & CaseIterable {
        faults.inquiry?.note(pathOf(name) + "[]", .choice(Choice.allCases.map(\.rawValue)))
        return items(name, upTo: Self.maximumCount).compactMap { item, path in choice(item, at: path) }
    }

    /// A mapping of names to strings; empty when absent.
    package mutating func stringMap(
        _ name: String, _ format: StringFormat = .any, upTo limit: Int = maximumCount
    ) -> [String: String] {
        ask(name, .map(format, upTo: limit))
        guard let node = node(name) else { return [:] }
        var entries = MappingReader(node, path: pathOf(name), faults: faults)
        guard entries.order.count <= limit else {
            fault(at: name, "has more than \(limit) entries")
            return [:]
        }
        return entries.order.reduce(into: [:]) { result, key in
            result[key] = entries.entry(key, format)
        }
    }

    private mutating func entry(_ key: String, _ format: StringFormat) -> String? {
        node(key).flatMap { text($0, format, at: pathOf(key)) }
    }

    package mutating func optionalObject<Object>(
        _ name: String, _ read: (inout MappingReader) -> Object
    ) -> Object? {
        ask(name, .object)
        if faults.inquiry != nil { _ = standIn(at: pathOf(name), read) }
        return node(name).map { nested($0, at: pathOf(name), read) }
    }

    /// A mapping that must be there.
    package mutating func object<Object>(_ name: String, _ read: (inout MappingReader) -> Object) -> Object {
        let object = optionalObject(name, read)
        faults.inquiry?.require(pathOf(name))
        if let object { return object }
        if !has(name) { fault(at: name, "is missing") }
        return standIn(at: pathOf(name), read)
    }

    /// A mapping all of whose fields may be absent, and so may it.
    package mutating func defaultedObject<Object>(
        _ name: String, _ read: (inout MappingReader) -> Object
    ) -> Object {
        optionalObject(name, read) ?? standIn(at: pathOf(name), read)
    }

    /// A list of mappings; empty when absent.
    package mutating func objects<Object>(
        _ name: String, upTo limit: Int = maximumCount, isRequired: Bool = false,
        _ read: (inout MappingReader) -> Object
    ) -> [Object] {
        faults.inquiry?.note(pathOf(name) + "[]", .object)
        if faults.inquiry != nil { _ = standIn(at: pathOf(name) + "[]", read) }
        let objects = items(name, upTo: limit).map { item, path in nested(item, at: path, read) }
        return isRequired ? required(name, objects, else: []) : objects
    }

    private func nested<Object>(
        _ node: ManifestNode, at path: String, _ read: (inout MappingReader) -> Object
    ) -> Object {
        guard case .mapping = node.value else {
            mismatch(node, at: path, "a mapping")
            return standIn(at: path, read)
        }
        var reader = MappingReader(node, path: path, faults: faults)
        let object = read(&reader)
        reader.finish()
        return object
    }

    /// What an empty mapping gives; its faults are of no interest.
    private func standIn<Object>(at path: String, _ read: (inout MappingReader) -> Object) -> Object {
        let unheard = FaultList(inquiry: faults.inquiry)
        var empty = MappingReader(.init(.mapping([]), at: position), path: path, faults: unheard)
        return read(&empty)
    }

    private mutating func items(_ name: String, upTo limit: Int) -> [(ManifestNode, path: String)] {
        ask(name, .list(upTo: limit))
        guard let node = node(name) else { return [] }
        guard case .sequence(let items) = node.value else {
            mismatch(node, at: pathOf(name), "a list")
            return []
        }
        guard items.count <= limit else {
            fault(at: name, "has more than \(limit) items")
            return []
        }
        return items.enumerated().map { index, item in (item, path: "\(pathOf(name))[\(index)]") }
    }
}
