import Kubernetes

/// The name of an attribute, with or without its schema, as paths, filters and the fields of a user have it
/// (RFC 7644, sections 3.4.2.2 and 3.10). Names and schemas are read without regard to case (RFC 7643,
/// section 2.1).
struct SCIMPath {
    /// RFC 7643, section 4.1.
    static let userSchema = "urn:ietf:params:scim:schemas:core:2.0:User"

    /// Both in lower case; `nil` where no schema is named.
    let schema: String?
    let attribute: String
    /// Whether it is an attribute, not the part of one: a sub-attribute, or some of several values.
    let isWhole: Bool

    /// - Returns: `nil` for what is no attribute's name.
    init?(_ text: String) {
        // The values of a filter may hold anything.
        let path = text.prefix { $0 != "[" }
        var name = path
        var schema: String?
        if path.lowercased().hasPrefix("urn:"), let colon = path.lastIndex(of: ":") {
            schema = path[..<colon].lowercased()
            name = path[path.index(after: colon)...]
        }
        let attribute = name.prefix { $0 != "." }
        guard let first = attribute.utf8.first, Self.isLetter(first),
            attribute.utf8.allSatisfy(Self.isNameCharacter)
        else { return nil }
        self.schema = schema
        self.attribute = attribute.lowercased()
        isWhole = attribute.endIndex == text.endIndex
    }

    /// Whether it is this attribute of a user; `name` is in lower case.
    func isUser(_ name: String) -> Bool {
        isWhole && attribute == name && (schema.map { $0 == Self.userSchema.lowercased() } ?? true)
    }

    /// All of a user, by the name of its schema.
    var isUserSchema: Bool {
        isWhole && schema.map { "\($0):\(attribute)" == Self.userSchema.lowercased() } ?? false
    }

    // MARK: - ATTRNAME

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}

extension JSON.Object {
    /// The field of that name, which is in lower case, however it is spelled here.
    func attribute(_ name: String) throws(SCIMFault) -> JSON? {
        var found: JSON?
        for (spelling, value) in self where SCIMPath(spelling)?.isUser(name) ?? false {
            guard found == nil else { throw SCIMFault(.invalidSyntax, "\(name) is there twice") }
            found = value
        }
        return found
    }
}
