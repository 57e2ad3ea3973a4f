/// A value of a manifest and the place it was written at, whatever it was written in.
///
/// A reader of YAML or JSON builds the tree; the decoders of this target know nothing of either.
package struct ManifestNode: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case null
        case boolean(Bool)
        case integer(Int64)
        /// A number that is no 64-bit integer, as it was written.
        case number(String)
        case string(String)
        case sequence([ManifestNode])
        /// Fields in their written order; a key may occur twice here, which its decoder reports.
        case mapping([Field])
    }

    package struct Field: Sendable, Equatable {
        package var key: String
        package var position: ManifestPosition
        package var value: ManifestNode

        package init(key: String, position: ManifestPosition, value: ManifestNode) {
            self.key = key
            self.position = position
            self.value = value
        }
    }

    package var value: Value
    package var position: ManifestPosition

    package init(_ value: Value, at position: ManifestPosition) {
        self.value = value
        self.position = position
    }

    /// The first field of that name; `nil` also where this is no mapping.
    package subscript(_ key: String) -> ManifestNode? {
        guard case .mapping(let fields) = value else { return nil }
        return fields.first { $0.key == key }?.value
    }

    /// The value as a person would call it in a message.
    package var typeName: String {
        switch value {
        case .null: "nothing"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// Where a value was written.
package struct ManifestPosition: Sendable, Hashable {
    /// A path, or the name of an object that came without a file.
    package var file: String
    /// From 1; 0 where the source has no lines.
    package var line: Int
    /// From 1, in characters; 0 where the source has no lines.
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}
