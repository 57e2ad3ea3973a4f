/// The columns of the rows that follow, or that a statement or portal would return.
package struct RowDescription: Equatable, Sendable {
    package struct Column: Equatable, Sendable {
        /// The name within the body.
        package var name: Range<Int>
        package var type: ColumnType

        package init(name: Range<Int>, type: ColumnType) {
            self.name = name
            self.type = type
        }
    }

    package let columns: [Column]

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        let count = Int(try reader.readUInt16())
        guard reader.remaining >= count * (1 + ColumnType.byteCount) else { throw .truncated }
        var columns: [Column] = []
        columns.reserveCapacity(count)
        for _ in 0..<count {
            columns.append(Column(name: try reader.readCString(), type: try ColumnType(&reader)))
        }
        try reader.finish()
        self.columns = columns
    }

    /// What it tells of the columns besides their names.
    package static func types(in body: Span<UInt8>) throws(WireError) -> [ColumnType] {
        var reader = ByteReader(body)
        let count = Int(try reader.readUInt16())
        guard reader.remaining >= count * (1 + ColumnType.byteCount) else { throw .truncated }
        var types: [ColumnType] = []
        types.reserveCapacity(count)
        for _ in 0..<count {
            _ = try reader.readCString()
            types.append(try ColumnType(&reader))
        }
        try reader.finish()
        return types
    }

    package static func write(_ columns: [(name: [UInt8], type: ColumnType)], to output: inout [UInt8]) {
        let frame = output.beginFrame(BackendMessageType.rowDescription)
        output.appendUInt16(UInt16(columns.count))
        for column in columns {
            output.appendCString(column.name)
            column.type.write(to: &output)
        }
        output.endFrame(frame)
    }
}

/// What `RowDescription` tells of a column besides its name.
package struct ColumnType: Equatable, Sendable {
    /// The table's OID if the column can be told to be a table's, else 0.
    package var table: UInt32
    /// The attribute number within the table, else 0.
    package var attribute: Int16
    package var type: UInt32
    /// The type's size in bytes; negative for types of variable size (`pg_type.typlen`).
    package var typeLength: Int16
    /// The type's modifier (`pg_attribute.atttypmod`); -1 for none.
    package var typeModifier: Int32
    /// Text as long as only a statement, no portal, is described.
    package var format: Format

    /// Its length on the wire in bytes.
    static let byteCount = 18

    package init(
        table: UInt32 = 0, attribute: Int16 = 0, type: UInt32, typeLength: Int16 = -1,
        typeModifier: Int32 = -1, format: Format = .text
    ) {
        self.table = table
        self.attribute = attribute
        self.type = type
        self.typeLength = typeLength
        self.typeModifier = typeModifier
        self.format = format
    }

    init(_ reader: inout ByteReader) throws(WireError) {
        table = try reader.readUInt32()
        attribute = try reader.readInt16()
        type = try reader.readUInt32()
        typeLength = try reader.readInt16()
        typeModifier = try reader.readInt32()
        format = try reader.readFormat()
    }

    func write(to output: inout [UInt8]) {
        output.appendUInt32(table)
        output.appendInt16(attribute)
        output.appendUInt32(type)
        output.appendInt16(typeLength)
        output.appendInt32(typeModifier)
        output.appendUInt16(format.rawValue)
    }
}
