/// The parameters of `Bind` and the arguments of `FunctionCall`.
extension ByteReader {
    /// An Int16 count and as many values, for which `formats` codes were given.
    @_lifetime(self: copy self)
    mutating func readArguments(formats: Int) throws(WireError) -> [Range<Int>?] {
        let count = Int(try readUInt16())
        guard formats <= 1 || formats == count else { throw .valueOutOfRange(formats) }
        guard remaining >= 4 * count else { throw .truncated }
        var values: [Range<Int>?] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try readValue()) }
        return values
    }
}

extension [UInt8] {
    mutating func appendArguments(_ values: [[UInt8]?]) {
        appendUInt16(UInt16(values.count))
        for value in values { appendValue(value) }
    }
}
