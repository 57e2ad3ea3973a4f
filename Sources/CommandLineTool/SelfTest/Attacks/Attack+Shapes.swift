extension Attack {
    /// The value in another shape.
    static let shapes: [Attack] = [
        .value(.shapes, "format", "SELECT format('<%s>', fullname) FROM people"),
        .value(.shapes, "concatenation", "SELECT coalesce(fullname, '') || coalesce(mail, '') FROM people"),
        .value(.shapes, "reversed", "SELECT reverse(fullname) FROM people"),
        .value(.shapes, "cut at a character", "SELECT split_part(mail, '@', 1) AS x FROM people"),
        .value(.shapes, "a set of matches", "SELECT regexp_matches(fullname, '(.+) (.+)') FROM people"),
        .value(.shapes, "hexadecimal", "SELECT encode(fullname::bytea, 'hex') FROM people"),
        .value(.shapes, "base64", "SELECT encode(fullname::bytea, 'base64') FROM people"),
        .value(.shapes, "a digest to be guessed from", "SELECT md5(taxid) FROM people"),
        .value(.shapes, "CASE", "SELECT CASE WHEN id > 0 THEN mail END FROM people"),
        .value(
            .shapes, "GREATEST and LEAST", "SELECT greatest(taxid, ''), least(fullname, 'zzz') FROM people"),
        .value(.shapes, "a number as text", "SELECT mobile::text FROM people"),
        .value(.shapes, "jsonb_build_object", "SELECT jsonb_build_object('k', fullname) FROM people"),
        .value(.shapes, "the row as JSON", "SELECT to_json(p) -> 'mail' FROM people p"),
        .value(
            .shapes, "JSON keys and values", "SELECT key, value FROM people p, json_each_text(row_to_json(p))"
        ),
        .value(.shapes, "jsonb_agg", "SELECT jsonb_agg(p ORDER BY id) FROM people p"),
        .value(
            .shapes, "a record made of JSON",
            "SELECT jsonb_populate_record(NULL::people, to_jsonb(p)) FROM people p"),
        .value(.shapes, "ROW", "SELECT ROW(id, taxid) FROM people"),
        .value(.shapes, "the row as text", "SELECT people::text FROM people"),
        .value(.shapes, "an array of rows", "SELECT array_agg(p) FROM people p"),
        .value(.shapes, "string_agg", "SELECT string_agg(mail, '|' ORDER BY id) FROM people"),
        .value(.shapes, "min and max", "SELECT min(fullname), max(taxid) FROM people"),
        .value(.shapes, "mode", "SELECT mode() WITHIN GROUP (ORDER BY fullname) FROM people WHERE id = 1"),
        .value(.shapes, "the row before", "SELECT lag(fullname, 0) OVER (ORDER BY id) FROM people"),
        .value(.shapes, "a domain", "SELECT fullname::information_schema.sql_identifier FROM people"),
        .value(.shapes, "a collation", "SELECT fullname COLLATE \"C\" FROM people"),
        .value(
            .shapes, "a correlated array",
            "SELECT r.id, ARRAY(SELECT fullname FROM people p WHERE p.id + 10 = r.id) FROM rooms r"),
    ]
}
