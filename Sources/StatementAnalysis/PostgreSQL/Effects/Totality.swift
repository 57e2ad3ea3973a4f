/// Which functions, operators and conversions give a result for every value they are given.
///
/// Whether the others fail tells something of a value that the result itself would not: `10 / (length(name) - 14)`.
/// What is not listed may fail.
enum Totality {
    /// `onlyFirst`: no argument but the first depends on a column.
    static func holds(_ routine: Routine, onlyFirst: Bool) -> Bool {
        guard routine.oid < Catalogue.firstUserObject else {
            return ReviewedExtensions.isHarmless(routine.extension)
        }
        return functions.contains(routine.name) || onlyFirst && ofFirstArgument.contains(routine.name)
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

    private static let functions: Set<String> = [
        "age", "array_append", "array_cat", "array_length", "array_ndims", "array_position", "array_prepend",
        "array_remove", "array_replace", "array_to_json", "array_to_string", "ascii", "bit_length", "bpchar",
        "btrim",
        "cardinality", "char_length", "character_length", "concat", "concat_ws", "host", "initcap",
        "isfinite",
        "json_array_length", "json_build_array", "json_typeof", "jsonb_build_array", "jsonb_pretty",
        "jsonb_strip_nulls", "jsonb_typeof", "justify_days", "justify_hours", "justify_interval", "length",
        "lower",
        "ltrim", "md5", "name", "num_nonnulls", "num_nulls", "octet_length", "pg_typeof", "phraseto_tsquery",
        "plainto_tsquery", "quote_ident",
        "quote_literal",
        "quote_nullable", "replace", "reverse", "row_to_json", "rtrim", "sha224", "sha256", "sha384",
        "sha512",
        "starts_with", "strip", "strpos", "text", "to_json", "to_jsonb", "to_tsvector", "translate",
        "ts_headline", "upper", "varchar",
        "websearch_to_tsquery",
    ]

    /// With the other arguments constant: they fail for all values or for none.
    private static let ofFirstArgument: Set<String> = [
        "convert_to", "encode", "format", "json_object_field", "json_object_field_text", "jsonb_object_field",
        "jsonb_object_field_text", "left", "lpad", "overlay", "regexp_count", "regexp_like", "regexp_match",
        "regexp_replace", "regexp_substr", "right", "rpad", "split_part", "substr", "substring", "to_char",
        "to_hex",
    ]

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
        1082: [1114, 1184], 1114: [1082, 1083], 3802: [114], 16: [23],
    ]
}
