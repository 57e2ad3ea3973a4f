/// How a governed column's value is replaced: `MaskingPolicy.spec.rules[].action`.
package enum MaskingAction: Sendable, Hashable {
    /// A constant of the column's type: `[redacted]` for text, NULL where the type has no neutral value.
    case redact
    case null
    /// Keeps some leading and trailing characters, replaces the others one by one.
    case partial(keepFirst: Int, keepLast: Int, maskCharacter: Character)
    /// HMAC-SHA-256 of the value in hexadecimal, keyed.
    case hash(key: SecretKeyReference?)
    /// The same value gives the same token in the same shape (digits for digits), keyed.
    case tokenize(key: SecretKeyReference?)
    case generalize(Generalization)
    /// Moves dates by a keyed number of days within ±`maximumDays`, the same for equal values.
    case dateShift(maximumDays: Int, key: SecretKeyReference?)
    /// The statement is refused when the column would be returned.
    case denyQuery

    /// As manifests and the audit log name it.
    package var name: String {
        switch self {
        case .redact: "Redact"
        case .null: "Null"
        case .partial: "Partial"
        case .hash: "Hash"
        case .tokenize: "Tokenize"
        case .generalize: "Generalize"
        case .dateShift: "DateShift"
        case .denyQuery: "DenyQuery"
        }
    }

    package enum Generalization: Sendable, Hashable {
        /// A date becomes the first day of its year, a text its first four digits.
        case year
        /// The first three digits of a postal code.
        case zip3
        /// A number of years rounded down to a multiple of `width`; 90 and above become 90.
        case ageBand(width: Int)
    }
}

/// A key of a Secret in the resource's own namespace.
package struct SecretKeyReference: Sendable, Hashable {
    package var name: String
    package var key: String

    package init(name: String, key: String) {
        self.name = name
        self.key = key
    }
}
