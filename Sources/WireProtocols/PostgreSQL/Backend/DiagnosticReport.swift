/// The fields of a server's `ErrorResponse` or `NoticeResponse`, in its order.
package struct DiagnosticReport: Equatable, Sendable {
    /// What a field tells (PostgreSQL documentation, "Error and Notice Message Fields").
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The severity in the server's language.
        package static let severity = Self(rawValue: 0x53)
        package static let nonlocalizedSeverity = Self(rawValue: 0x56)
        package static let sqlState = Self(rawValue: 0x43)
        package static let message = Self(rawValue: 0x4d)
        package static let detail = Self(rawValue: 0x44)
        package static let hint = Self(rawValue: 0x48)
        /// In the client's query string, in characters from 1.
        package static let position = Self(rawValue: 0x50)
        /// In `internalQuery`, in characters from 1.
        package static let internalPosition = Self(rawValue: 0x70)
        /// The text of a command that the server made itself, as in a function.
        package static let internalQuery = Self(rawValue: 0x71)
        package static let context = Self(rawValue: 0x57)
        package static let schema = Self(rawValue: 0x73)
        package static let table = Self(rawValue: 0x74)
        package static let column = Self(rawValue: 0x63)
        package static let dataType = Self(rawValue: 0x64)
        package static let constraint = Self(rawValue: 0x6e)
        /// File, line and routine in the server's source.
        package static let file = Self(rawValue: 0x46)
        package static let line = Self(rawValue: 0x4c)
        package static let routine = Self(rawValue: 0x52)
    }

    package struct Field: Equatable, Sendable {
        package var code: Code
        /// The value within the body.
        package var value: Range<Int>
    }

    /// More fields than the protocol knows, as they may repeat only by a peer's fault. Ours.
    package static let maximumFieldCount = 64

    package let fields: [Field]

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        var fields: [Field] = []
        while true {
            let code = try reader.readUInt8()
            if code == 0 { break }
            guard fields.count < Self.maximumFieldCount else { throw .valueOutOfRange(fields.count + 1) }
            fields.append(Field(code: Code(rawValue: code), value: try reader.readCString()))
        }
        try reader.finish()
        self.fields = fields
    }

    /// The first value of `code` within the body.
    package subscript(_ code: Code) -> Range<Int>? {
        fields.first { $0.code == code }?.value
    }
}
