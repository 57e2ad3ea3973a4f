import API

/// An action compiled for one column; what it cannot do for the column's type is `neutral`.
///
/// Each case holds everything its values need, so that a value costs no look-up and no allocation.
enum Transform: Sendable {
    case neutral
    case partialText(PartialText)
    case digestText(TextDigest)
    case tokenText(TextToken)
    case generalText(TextGeneralization)
    case shiftText(TextDateShift)
    case integer(IntegerMask)
    case moment(MomentMask)
    case bytes(BytesMask)
    case uuid(UUIDMask)
    /// Identifiers within the value, each by a transform of its own.
    case identifiers(IdentifierMasker)

    init(_ action: MaskingAction, of column: ColumnType, isBinary: Bool, keys: MaskingKeys) {
        self =
            switch column {
            case .text(let width): Self.ofText(action, width: width, keys: keys)
            case .integer(let width): Self.ofInteger(action, width: width, isBinary: isBinary, keys: keys)
            case .moment(let moment): Self.ofMoment(action, moment, isBinary: isBinary, keys: keys)
            case .bytes, .uuid: Self.ofOctets(action, column, isBinary: isBinary, keys: keys)
            case .json: Self.ofDocument(action, prefix: [], keys: keys)
            case .jsonb:
                Self.ofDocument(action, prefix: isBinary ? [ColumnMasker.jsonbVersion] : [], keys: keys)
            case .opaque: .neutral
            }
    }

    /// - Returns: `false` when the value does not have the shape the transform needs; what was appended
    ///   until then is the caller's to remove.
    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        switch self {
        case .neutral: false
        case .partialText(let mask): mask.append(maskOf: cell, to: &out)
        case .digestText(let mask): mask.append(maskOf: cell, to: &out)
        case .tokenText(let mask): mask.append(maskOf: cell, to: &out)
        case .generalText(let mask): mask.append(maskOf: cell, to: &out)
        case .shiftText(let mask): mask.append(maskOf: cell, to: &out)
        case .integer(let mask): mask.append(maskOf: cell, to: &out)
        case .moment(let mask): mask.append(maskOf: cell, to: &out)
        case .bytes(let mask): mask.append(maskOf: cell, to: &out)
        case .uuid(let mask): mask.append(maskOf: cell, to: &out)
        case .identifiers(let mask): mask.append(maskOf: cell, to: &out)
        }
    }

    private static func ofText(_ action: MaskingAction, width: TextWidth, keys: MaskingKeys) -> Self {
        switch action {
        case .redact, .null, .denyQuery: .neutral
        case .partial(let first, let last, let character):
            .partialText(PartialText(keepFirst: first, keepLast: last, character: character, width: width))
        case .hash(let key):
            keys.pseudonyms(for: .hash, from: key).map { .digestText(TextDigest($0, width: width)) }
                ?? .neutral
        case .tokenize(let key):
            TokenSource(key, of: keys).map { .tokenText(TextToken($0, width: width)) } ?? .neutral
        case .generalize(let generalization): .generalText(TextGeneralization(generalization, width: width))
        case .dateShift(let days, let key):
            DayShift(maximumDays: days, key: key, of: keys)
                .map { .shiftText(TextDateShift($0, width: width)) } ?? .neutral
        }
    }

    private static func ofInteger(
        _ action: MaskingAction, width: IntegerWidth, isBinary: Bool, keys: MaskingKeys
    ) -> Self {
        let change: IntegerMask.Change? =
            switch action {
            case .partial(let first, let last, _): .partial(keepFirst: first, keepLast: last)
            case .hash(let key): keys.pseudonyms(for: .hash, from: key).map { .pseudonym($0) }
            case .tokenize(let key): keys.pseudonyms(for: .token, from: key).map { .pseudonym($0) }
            case .generalize(.ageBand(let years)): .ageBand(AgeBand(width: years))
            case .redact, .null, .generalize(.year), .generalize(.zip3), .dateShift, .denyQuery: nil
            }
        return change.map { .integer(IntegerMask($0, width: width, isBinary: isBinary)) } ?? .neutral
    }

    private static func ofMoment(
        _ action: MaskingAction, _ moment: Moment, isBinary: Bool, keys: MaskingKeys
    ) -> Self {
        let change: MomentMask.Change? =
            switch action {
            case .generalize(.year): .startOfYear
            case .dateShift(let days, let key):
                DayShift(maximumDays: days, key: key, of: keys).map { .shift($0) }
            case .redact, .null, .partial, .hash, .tokenize, .denyQuery: nil
            case .generalize(.zip3), .generalize(.ageBand): nil
            }
        return change.map { .moment(MomentMask($0, of: moment, isBinary: isBinary)) } ?? .neutral
    }

    private static func ofOctets(
        _ action: MaskingAction, _ column: ColumnType, isBinary: Bool, keys: MaskingKeys
    ) -> Self {
        switch (action, column) {
        case (.hash(let key), .uuid):
            keys.pseudonyms(for: .hash, from: key).map { .uuid(UUIDMask($0, isBinary: isBinary)) } ?? .neutral
        case (.tokenize(let key), .uuid):
            keys.pseudonyms(for: .token, from: key).map { .uuid(UUIDMask($0, isBinary: isBinary)) }
                ?? .neutral
        case (.hash(let key), _):
            keys.pseudonyms(for: .hash, from: key)
                .map { .bytes(BytesMask(.digest($0), isBinary: isBinary)) } ?? .neutral
        case (.tokenize(let key), _):
            TokenSource(key, of: keys).map { .bytes(BytesMask(.token($0), isBinary: isBinary)) } ?? .neutral
        case (.redact, _), (.null, _), (.partial, _), (.generalize, _), (.dateShift, _), (.denyQuery, _):
            .neutral
        }
    }

    private static func ofDocument(_ action: MaskingAction, prefix: [UInt8], keys: MaskingKeys) -> Self {
        switch action {
        case .hash(let key):
            keys.pseudonyms(for: .hash, from: key)
                .map { .digestText(TextDigest($0, documentPrefix: prefix)) } ?? .neutral
        case .redact, .null, .partial, .tokenize, .generalize, .dateShift, .denyQuery: .neutral
        }
    }
}
