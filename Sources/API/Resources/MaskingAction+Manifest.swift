extension MaskingAction {
    private enum Kind: String, CaseIterable {
        case redact = "Redact"
        case null = "Null"
        case partial = "Partial"
        case hash = "Hash"
        case tokenize = "Tokenize"
        case generalize = "Generalize"
        case dateShift = "DateShift"
        case denyQuery = "DenyQuery"

        /// The field that holds this kind's own settings.
        var settings: String? {
            switch self {
            case .redact, .null, .denyQuery: nil
            case .partial: "partial"
            case .hash: "hash"
            case .tokenize: "tokenize"
            case .generalize: "generalize"
            case .dateShift: "dateShift"
            }
        }
    }

    private enum GeneralizationKind: String, CaseIterable {
        case year = "Year"
        case zip3 = "ZIP3"
        case ageBand = "AgeBand"
    }

    /// Most characters `partial` keeps at either end.
    package static let maximumKept = 64
    /// Most days `dateShift` moves a date.
    package static let maximumShift = 3650

    package init(reading fields: inout MappingReader) {
        let kind: Kind = fields.choice("type", else: .redact)
        switch kind {
        case .redact: self = .redact
        case .null: self = .null
        case .denyQuery: self = .denyQuery
        case .partial: self = fields.object("partial", Self.partial)
        case .hash: self = .hash(key: Self.key(of: "hash", &fields))
        case .tokenize: self = .tokenize(key: Self.key(of: "tokenize", &fields))
        case .generalize: self = .generalize(fields.object("generalize", Self.generalization))
        case .dateShift: self = fields.defaultedObject("dateShift", Self.dateShift)
        }
        for settings in Kind.allCases.compactMap(\.settings) where settings != kind.settings {
            if fields.has(settings), fields.has("type") {
                fields.fault(at: settings, "has no meaning with type \(kind.rawValue)")
            }
            fields.ignore(settings)
        }
    }

    private static func partial(_ fields: inout MappingReader) -> Self {
        let keepFirst = fields.integer("keepFirst", in: 0...maximumKept, default: 0)
        let keepLast = fields.integer("keepLast", in: 0...maximumKept, default: 0)
        let mask = fields.string("maskCharacter", .text(1...1), default: "*")
        return mask.first.map { .partial(keepFirst: keepFirst, keepLast: keepLast, maskCharacter: $0) }
            ?? .redact
    }

    private static func generalization(_ fields: inout MappingReader) -> Generalization {
        let kind: GeneralizationKind = fields.choice("to", else: .year)
        let width = fields.optionalInteger("width", in: 1...90)
        if kind != .ageBand, width != nil, fields.has("to") {
            fields.fault(at: "width", "has no meaning with to \(kind.rawValue)")
        }
        return switch kind {
        case .year: .year
        case .zip3: .zip3
        case .ageBand: .ageBand(width: width ?? 10)
        }
    }

    private static func dateShift(_ fields: inout MappingReader) -> Self {
        .dateShift(
            maximumDays: fields.integer("maximumDays", in: 1...maximumShift, default: 365),
            key: key(&fields))
    }

    private static func key(of name: String, _ fields: inout MappingReader) -> SecretKeyReference? {
        fields.defaultedObject(name, key)
    }

    private static func key(_ fields: inout MappingReader) -> SecretKeyReference? {
        fields.optionalObject("keySecretRef") { SecretKeyReference(reading: &$0, defaultKey: "key") }
    }
}
