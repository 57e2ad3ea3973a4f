/// How the values of a type are read for identifiers within them, and rewritten.
enum ValueForm: Equatable {
    case text(TextWidth)
    /// A document behind the bytes of `prefix`.
    case json(prefix: [UInt8])
    /// `xml`.
    case markup
    /// A binary array of elements of that type.
    case array(of: UInt32)
    /// The text form of an array, a composite, an `hstore` or a type that is not known: elements between quotes,
    /// commas, braces and parentheses.
    case structure
    /// A binary form that is not known.
    case unknown

    /// `nil` for types whose values are numbers, times, networks and the like: a column of those is governed whole.
    init?(oid: UInt32, modifier: Int32, isBinary: Bool) {
        switch ColumnType(oid: oid, modifier: modifier) {
        case .text(let width): self = .text(width)
        case .json: self = .json(prefix: [])
        case .jsonb: self = .json(prefix: isBinary ? [ColumnMasker.jsonbVersion] : [])
        case .integer, .moment, .bytes, .uuid: return nil
        case .opaque:
            if oid == 142 {
                self = .markup
            } else if let element = Self.elements[oid] {
                self = isBinary ? .array(of: element) : .structure
            } else if oid == 0 || oid >= Self.firstUserObject || Self.structures.contains(oid) {
                self = isBinary ? .unknown : .structure
            } else {
                return nil
            }
        }
    }

    /// Arrays of texts and documents, and their elements.
    private static let elements: [UInt32: UInt32] = [
        1_009: 25, 1_015: 1_043, 1_014: 1_042, 1_003: 19, 1_263: 2_275, 199: 114, 3_807: 3_802, 143: 142,
    ]

    /// `record`, `record[]`, `tsvector`, `tsvector[]`, `refcursor`.
    private static let structures: Set<UInt32> = [2_249, 2_287, 3_614, 3_643, 1_790]

    /// `FirstNormalObjectId`: types made by users and extensions, `citext` and `hstore` among them.
    private static let firstUserObject: UInt32 = 16_384
}
