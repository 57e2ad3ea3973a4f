/// Which functions, operators and conversions give a result for every value they are given.
///
/// Whether the others fail tells something of a value that the result itself would not: `10 / (length(name) - 14)`.
/// What is not listed may fail.
enum Totality {
    /// How whether a call succeeds depends on its arguments.
    enum Success {
        case always
        /// For all values but `NULL`, or for none of them.
        case alike
        case depends
    }

    /// `constants` are the arguments that are constant texts.
    static func success(of routine: Routine, _ arguments: [Value], constants: [String?]) -> Success {
        guard routine.oid < Catalogue.firstUserObject else {
            return extensions.contains(routine.extension ?? "") ? .always : .depends
        }
        let name = routine.name
        if functions.contains(name) {
            return ofOneArgument.contains(name) && arguments.count > 1 ? .depends : .always
        }
        let isFirstAlone = arguments.dropFirst().allSatisfy { !$0.lineage.isRelevant }
        if name == "to_char" {
            return isFirstAlone && formats(arguments.first?.type, constants.dropFirst().first ?? nil)
                ? .alike : .depends
        }
        if isFirstAlone, ofFirstArgument.contains(name) {
            return everyOfFirstArgument.contains(name) ? .always : .alike
        }
        // Whether a third argument is a time zone is not looked at for infinite times.
        if ofMoments.contains(name), arguments.count == 2, let part = constants.first ?? nil,
            parts.contains(part.lowercased())
        {
            return .alike
        }
        return .depends
    }

    /// Whether a format is one for all values of a type. Roman numerals, shifted digits and ordinals of numbers are not.
    private static func formats(_ type: ObjectID?, _ format: String?) -> Bool {
        if let type, moments.contains(type) { return true }
        return format?.utf8.allSatisfy(numberFormat.contains(_:)) ?? false
    }

    static func holds(operator name: String, onlyFirst: Bool) -> Bool {
        operators.contains(name) || onlyFirst && ofFirstOperand.contains(name)
    }

    /// Whether every value of the type has a value of the other.
    static func holds(from source: ObjectID?, to target: ObjectID) -> Bool {
        if source == target || texts.contains(target) { return true }
        guard let source else { return false }
        return widenings[source]?.contains(target) ?? false
    }

    static func isText(_ type: ObjectID?) -> Bool { type.map(texts.contains(_:)) ?? false }

    /// Whether the routine reads its arguments into a `jsonb`.
    static func makesTree(_ routine: Routine) -> Bool {
        ["jsonb_build_array", "jsonb_build_object", "to_jsonb"].contains(routine.name)
    }

    /// Fail where a key is `NULL` or no scalar.
    static let objectBuilders: Set<String> = ["json_build_object", "jsonb_build_object"]

    /// Whether the result is `NULL` only where an argument is; `second` is the second argument's type.
    static func keepsNull(_ routine: Routine, _ second: ObjectID?) -> Bool {
        guard routine.oid < Catalogue.firstUserObject else { return false }
        if routine.name == "substring" || routine.name == "format" {
            return second == TypeID.integer || routine.name == "format"
        }
        return objectBuilders.contains(routine.name)
            || !tellingByNull.contains(routine.name)
                && (functions.contains(routine.name) || ofFirstArgument.contains(routine.name)
                    || ofMoments.contains(routine.name))
    }

    static func keepsNull(operator name: String) -> Bool {
        operators.contains(name) && !selections.contains(name)
    }

    static func keepsNull(from source: ObjectID?, to target: ObjectID) -> Bool {
        holds(from: source, to: target)
    }

    /// `NULL` for some values: empty arrays, what is not found, infinite times.
    private static let tellingByNull: Set<String> = [
        "array_length", "array_ndims", "date_part", "extract", "jsonb_object_field",
        "jsonb_object_field_text",
        "regexp_match", "regexp_substr", "to_char",
    ]

    /// `NULL` where there is no such part.
    static let selections: Set<String> = ["->", "->>", "#>", "#>>"]

    /// Extensions whose functions take every value.
    private static let extensions: Set<String> = ["citext", "pg_trgm", "unaccent"]

    private static let functions: Set<String> = [
        "array_length", "array_ndims", "array_replace", "array_to_json", "array_to_string", "ascii",
        "bit_length", "bpchar",
        "btrim",
        "cardinality", "char_length", "character_length", "concat", "concat_ws", "host", "initcap",
        "isfinite",
        "json_build_array", "json_typeof", "jsonb_build_array", "jsonb_pretty",
        "jsonb_strip_nulls", "jsonb_typeof", "length",
        "lower",
        "ltrim", "md5", "name", "num_nonnulls", "num_nulls", "octet_length", "pg_typeof", "quote_ident",
        "quote_literal",
        "quote_nullable", "replace", "reverse", "row_to_json", "rtrim", "sha224", "sha256", "sha384",
        "sha512",
        "starts_with", "strip", "strpos", "text", "to_json", "to_jsonb", "translate", "upper", "varchar",
    ]

    /// Of those, the ones that do not take every encoding or width.
    private static let ofOneArgument: Set<String> = ["bpchar", "length", "varchar"]

    /// With the other arguments constant: they fail for all values or for none.
    private static let ofFirstArgument: Set<String> = [
        "encode", "jsonb_object_field",
        "jsonb_object_field_text", "left", "lpad", "overlay", "regexp_count", "regexp_like", "regexp_match",
        "regexp_replace", "regexp_substr", "right", "rpad", "split_part", "substr", "substring", "to_char",
        "to_hex",
    ]

    /// Of those, the ones that take every constant.
    private static let everyOfFirstArgument: Set<String> = [
        "jsonb_object_field", "jsonb_object_field_text", "left", "right", "to_hex",
    ]

    /// Of the name of a part of a time, and the time.
    private static let ofMoments: Set<String> = ["date_part", "date_trunc", "extract"]

    /// Those that infinite times have too. Whether a name is one is looked at for some times only.
    private static let parts: Set<String> = [
        "microseconds", "milliseconds", "second", "minute", "hour", "day", "week", "month", "quarter", "year",
        "decade",
        "century", "millennium", "dow", "isodow", "doy", "isoyear", "epoch",
    ]

    private static let numberFormat = Set("09.,DdGgLlSsFfMmIiPpRr +-$%()/:".utf8)

    /// `date`, `timestamp`, `timestamptz`, `time`, `interval`.
    private static let moments: Set<ObjectID> = [1082, 1114, 1184, 1083, 1186]

    private static let operators: Set<String> = [
        "||", "->", "->>", "#>", "#>>", "=", "<>", "!=", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*",
        "@>", "<@",
        "&&", "?", "?|", "?&", "@@",
    ]

    /// A pattern that is no regular expression fails for every value.
    private static let ofFirstOperand: Set<String> = ["~", "~*", "!~", "!~*"]

    /// `text`, `varchar`, `bpchar`, `name`, `unknown`.
    private static let texts: Set<ObjectID> = [25, 1043, 1042, 19, 705]

    private static let widenings: [ObjectID: Set<ObjectID>] = [
        // int2, int4, int8, float4, date, timestamp, jsonb and json.
        21: [23, 20, 1700, 700, 701], 23: [20, 1700, 700, 701], 20: [1700, 700, 701], 700: [701],
        1082: [1114, 1184], 1114: [1082], 3802: [114], 16: [23],
    ]
}
