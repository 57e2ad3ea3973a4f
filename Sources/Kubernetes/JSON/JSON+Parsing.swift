extension JSON {
    /// What a text may hold at most.
    package struct Limits: Sendable, Equatable {
        /// In bytes. A page of 500 large pods has about 25 MB.
        package var length = 64 << 20
        /// Lists and objects inside each other. Schemas in custom resource definitions reach about 60.
        package var depth = 256
        /// Values of any kind; each takes up to 40 bytes of memory beyond its text.
        package var values = 8 << 20

        package init() {}

        package init(length: Int) {
            self.length = length
        }
    }

    /// Reads one value and nothing after it. What the `projection` does not keep is checked to be JSON and
    /// forgotten.
    ///
    /// - Throws: for what is no JSON (RFC 8259) in UTF-8, for two fields of one name, and past a limit. Nothing
    ///   is guessed: half of a surrogate pair is a fault, too.
    package init(
        parsing bytes: [UInt8], keeping projection: Projection = .everything, limits: Limits = Limits()
    ) throws(JSONError) {
        guard bytes.count <= limits.length else { throw JSONError(.tooLong(limit: limits.length), at: 0) }
        var parser = JSONParser(limits)
        self = try parser.document(bytes.span, keeping: projection)
    }
}

/// Why a text is not read as JSON, and where. Holds nothing of the text but a field's name.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        case malformed
        case notUTF8
        case duplicateName(String)
        case tooLong(limit: Int)
        case tooDeep(limit: Int)
        case tooManyValues(limit: Int)
    }

    package var reason: Reason
    /// In bytes from the start.
    package var offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        switch reason {
        case .malformed: "not JSON at byte \(offset)"
        case .notUTF8: "not UTF-8 at byte \(offset)"
        case .duplicateName(let name): "two fields named \(name) in the object before byte \(offset)"
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .tooDeep(let limit): "nested deeper than \(limit) levels at byte \(offset)"
        case .tooManyValues(let limit): "more than \(limit) values"
        }
    }
}
