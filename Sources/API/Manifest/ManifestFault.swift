/// One thing that is wrong with a manifest, and where.
package struct ManifestFault: Error, Sendable, Hashable, CustomStringConvertible {
    package var position: ManifestPosition
    /// `spec.rules[0].action.type`; empty when the fault is of the file or the whole document.
    package var field: String
    package var message: String

    package init(at position: ManifestPosition, field: String = "", _ message: String) {
        self.position = position
        self.field = field
        self.message = message
    }

    /// `file:line: field: message`, as compilers write theirs.
    package var description: String {
        let place = position.line > 0 ? "\(position.file):\(position.line)" : position.file
        return "\(place): \(brief)"
    }

    /// Without its place: for whoever has not written the text.
    package var brief: String { field.isEmpty ? message : "\(field): \(message)" }
}

/// Everything that is wrong with a set of manifests, in reading order; never empty.
package struct ManifestFaults: Error, Sendable, Equatable, CustomStringConvertible {
    package var faults: [ManifestFault]

    package init(_ faults: [ManifestFault]) {
        self.faults = faults
    }

    /// Sorts by file, line and column; faults of one place stay in their order.
    package init(inReadingOrder faults: [ManifestFault]) {
        self.faults = faults.sorted { left, right in
            let (left, right) = (left.position, right.position)
            return (left.file, left.line, left.column) < (right.file, right.line, right.column)
        }
    }

    package var description: String {
        faults.map(\.description).joined(separator: "\n")
    }

    /// In one line, without their places.
    package var brief: String { faults.map(\.brief).joined(separator: "; ") }
}
