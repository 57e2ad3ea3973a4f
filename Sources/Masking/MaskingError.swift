/// Why masking cannot go on; the caller ends the session, for what follows cannot be told apart.
package enum MaskingError: Error, Equatable {
    /// A key has fewer bytes than ``MaskingKeys/minimumKeyLength``.
    case keyTooShort(byteCount: Int)
    /// A `DataRow` that does not have the shape of the protocol's section 55.7.
    case malformedRow
    /// A row does not have as many columns as its description.
    case columnCountMismatch(expected: Int, found: Int)
    /// A rewritten row does not fit the protocol's Int32 length.
    case rowTooLong(byteCount: Int)
    /// `COPY` options that the server would not have accepted.
    case invalidCopyOptions
    /// `COPY` data that its format does not allow, or that ends in the middle of a row.
    case malformedCopyData
    /// A field to be transformed has more bytes than ``CopyMasker/maximumFieldLength``.
    case copyFieldTooLong
}
