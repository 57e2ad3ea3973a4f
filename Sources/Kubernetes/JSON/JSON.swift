/// A JSON value (RFC 8259) as the Kubernetes API uses it.
///
/// An integer of 64 bits is exact; every other number keeps its text, so none passes through a `Double`. The
/// fields of an object are sorted, so that equal values render alike. Strings are equal when their bytes are:
/// two spellings of `é` are two values, as they are to the API server.
package enum JSON: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A number that is no 64-bit integer, as it was written.
    case number(String)
    case string(String)
    case array([JSON])
    case object(Object)
}

extension JSON: Equatable {
    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left.hasSameBytes(as: right)
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _), (.object, _):
            false
        }
    }
}

// MARK: - Reading

extension JSON {
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var array: [JSON]? {
        if case .array(let items) = self { items } else { nil }
    }

    package var object: Object? {
        if case .object(let fields) = self { fields } else { nil }
    }

    /// The fields that are strings, as in labels and annotations; empty where this is no object.
    package var stringMap: [String: String] {
        var map: [String: String] = [:]
        for (name, value) in object ?? Object() { map[name] = value.string }
        return map
    }

    /// The items that are strings; empty where this is no array.
    package var strings: [String] { (array ?? []).compactMap(\.string) }

    package var isObject: Bool {
        if case .object = self { true } else { false }
    }

    /// The field of that name; `nil` where there is none. Setting is as with a path.
    package subscript(_ name: String) -> JSON? {
        get {
            if case .object(let fields) = self { fields[name] } else { nil }
        }
        set {
            guard case .object(var fields) = self else { return set(newValue, at: [name]) }
            self = .null  // lets go of the fields, which would be copied otherwise
            fields[name] = newValue
            self = .object(fields)
        }
    }

    /// The value at the end of a path of fields; `nil` where one of them is missing.
    ///
    /// Setting makes the objects on the way, in place of whatever else stood there; setting `nil` removes the
    /// last field and makes nothing.
    package subscript(_ path: String...) -> JSON? {
        get { value(at: path[...]) }
        set { set(newValue, at: path[...]) }
    }

    private func value(at path: ArraySlice<String>) -> JSON? {
        guard let name = path.first else { return self }
        guard case .object(let fields) = self else { return nil }
        return fields[name]?.value(at: path.dropFirst())
    }

    private mutating func set(_ value: JSON?, at path: ArraySlice<String>) {
        guard let name = path.first else {
            // Nothing can be removed from what is no object.
            if let value { self = value }
            return
        }
        if value == nil, object?[name] == nil { return }
        var fields = object ?? Object()
        self = .null  // lets go of the fields, which would be copied otherwise
        let rest = path.dropFirst()
        if rest.isEmpty {
            fields[name] = value
        } else {
            var next = fields[name] ?? .object(Object())
            fields[name] = .null
            next.set(value, at: rest)
            fields[name] = next
        }
        self = .object(fields)
    }
}

// MARK: - Making

extension JSON {
    package init(_ map: [String: String]) {
        self = .object(Object(map.map { ($0.key, .string($0.value)) }))
    }

    package init(_ strings: [String]) {
        self = .array(strings.map { .string($0) })
    }
}

extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(booleanLiteral value: Bool) { self = .bool(value) }

    package init(integerLiteral value: Int64) { self = .integer(value) }

    package init(stringLiteral value: String) { self = .string(value) }

    package init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// The last of several fields of one name counts.
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Object(elements)) }
}

extension JSON: CustomStringConvertible {
    /// The text of ``rendered``.
    package var description: String { String(decoding: rendered, as: UTF8.self) }
}

extension String {
    /// What are two texts to Unicode are two here, too; what are one may still be spelled in two ways, unless one
    /// is ASCII.
    func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count, self == other else { return false }
        guard !utf8Span.isKnownASCII else { return true }
        let (bytes, others) = (utf8.span, other.utf8.span)
        for index in bytes.indices where bytes[index] != others[index] { return false }
        return true
    }

    /// Whether it comes before the other in the order of their bytes.
    func precedesInBytes(_ other: String) -> Bool {
        // Most differ in their first bytes.
        if let byte = utf8.first, let other = other.utf8.first, byte != other { return byte < other }
        let (bytes, others) = (utf8.span, other.utf8.span)
        for index in 0..<min(bytes.count, others.count) where bytes[index] != others[index] {
            return bytes[index] < others[index]
        }
        return bytes.count < others.count
    }
}
