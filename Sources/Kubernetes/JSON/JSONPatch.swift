/// Changes of a JSON value, made in order (RFC 6902).
package struct JSONPatch: Sendable, Equatable {
    package enum Operation: Sendable, Equatable {
        case add(JSONPointer, JSON)
        case remove(JSONPointer)
        case replace(JSONPointer, JSON)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        /// The rest is made only if this value stands there.
        case test(JSONPointer, JSON)
    }

    package var operations: [Operation]

    package init(_ operations: [Operation]) {
        self.operations = operations
    }

    package var isEmpty: Bool { operations.isEmpty }
}

/// Why a patch is none, or cannot be applied.
package enum JSONPatchError: Error, Equatable {
    case malformed
    /// Nothing stands there, or nothing can.
    case noSuchPlace(JSONPointer)
    /// The API server answers this with 422, not 409.
    case testFailed(JSONPointer)
}

// MARK: - As JSON

extension JSONPatch {
    /// The body of a request of type `application/json-patch+json`.
    package var json: JSON {
        .array(
            operations.map { operation in
                switch operation {
                case .add(let path, let value): ["op": "add", "path": "\(path)", "value": value]
                case .remove(let path): ["op": "remove", "path": "\(path)"]
                case .replace(let path, let value): ["op": "replace", "path": "\(path)", "value": value]
                case .move(let from, let path): ["op": "move", "from": "\(from)", "path": "\(path)"]
                case .copy(let from, let path): ["op": "copy", "from": "\(from)", "path": "\(path)"]
                case .test(let path, let value): ["op": "test", "path": "\(path)", "value": value]
                }
            })
    }

    package init(_ json: JSON) throws(JSONPatchError) {
        guard let items = json.array else { throw .malformed }
        operations = []
        for item in items {
            guard let operation = Self.operation(item) else { throw .malformed }
            operations.append(operation)
        }
    }

    private static func operation(_ item: JSON) -> Operation? {
        guard let path = item["path"]?.string.flatMap({ JSONPointer($0) }) else { return nil }
        let value = item["value"]
        let from = item["from"]?.string.flatMap { JSONPointer($0) }
        return switch item["op"]?.string {
        case "add": value.map { .add(path, $0) }
        case "remove": .remove(path)
        case "replace": value.map { .replace(path, $0) }
        case "move": from.map { .move(from: $0, to: path) }
        case "copy": from.map { .copy(from: $0, to: path) }
        case "test": value.map { .test(path, $0) }
        default: nil
        }
    }
}

// MARK: - Applying

extension JSON {
    /// All of the patch, or nothing and the reason.
    package func applying(_ patch: JSONPatch) throws(JSONPatchError) -> JSON {
        var result = self
        for operation in patch.operations { try result.apply(operation) }
        return result
    }

    private mutating func apply(_ operation: JSONPatch.Operation) throws(JSONPatchError) {
        switch operation {
        case .add(let path, let value): try put(value, inserting: true, path)
        case .remove(let path): _ = try remove(path)
        case .replace(let path, let value):
            _ = try read(path)
            try put(value, inserting: false, path)
        case .move(let from, let path):
            // RFC 6902, section 4.4: nothing moves into itself.
            guard from == path || !path.tokens.starts(with: from.tokens) else { throw .noSuchPlace(path) }
            try put(try remove(from), inserting: true, path)
        case .copy(let from, let path): try put(try read(from), inserting: true, path)
        case .test(let path, let value):
            guard try read(path) == value else { throw .testFailed(path) }
        }
    }

    private func read(_ path: JSONPointer) throws(JSONPatchError) -> JSON {
        var value = self
        for token in path.tokens {
            switch value {
            case .object(let fields):
                guard let next = fields[token] else { throw .noSuchPlace(path) }
                value = next
            case .array(let items):
                guard let index = Self.index(token), index < items.count else { throw .noSuchPlace(path) }
                value = items[index]
            case .null, .bool, .integer, .number, .string: throw .noSuchPlace(path)
            }
        }
        return value
    }

    private mutating func remove(_ path: JSONPointer) throws(JSONPatchError) -> JSON {
        let value = try read(path)
        try put(nil, inserting: false, path)
        return value
    }

    /// Puts a value at the place, or takes away what stands there; leaves `self` broken when it throws.
    private mutating func put(
        _ value: JSON?, inserting isInsertion: Bool, _ path: JSONPointer, level: Int = 0
    ) throws(JSONPatchError) {
        guard level < path.tokens.count else {
            self = value ?? .null
            return
        }
        let token = path.tokens[level]
        let isLast = level == path.tokens.count - 1
        switch self {
        case .object(var fields):
            self = .null  // lets go of the fields, which would be copied otherwise
            if isLast {
                fields[token] = value
            } else {
                guard var next = fields[token] else { throw .noSuchPlace(path) }
                fields[token] = .null
                try next.put(value, inserting: isInsertion, path, level: level + 1)
                fields[token] = next
            }
            self = .object(fields)
        case .array(var items):
            self = .null
            let end = isLast && isInsertion ? items.count : items.count - 1
            guard let index = token == "-" ? items.count : Self.index(token), index <= end else {
                throw .noSuchPlace(path)
            }
            if !isLast {
                try items[index].put(value, inserting: isInsertion, path, level: level + 1)
            } else if let value, isInsertion {
                items.insert(value, at: index)
            } else if let value {
                items[index] = value
            } else {
                items.remove(at: index)
            }
            self = .array(items)
        case .null, .bool, .integer, .number, .string: throw .noSuchPlace(path)
        }
    }

    /// Of an array: digits without a leading zero (RFC 6901, section 4).
    private static func index(_ token: String) -> Int? {
        guard token == "0" || !token.hasPrefix("0"), token.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(token)
    }
}
