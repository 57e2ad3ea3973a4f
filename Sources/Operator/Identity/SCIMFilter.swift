import Kubernetes

/// `userName eq "…"` (RFC 7644, section 3.4.2.2), by which providers look for a user. There is no other:
/// nobody is kept that could be listed.
struct SCIMFilter {
    let userName: String

    /// The filter that a query holds as a form does, in which a space may be `+`; `nil` where it holds none.
    static func text(inQuery query: String?) throws(SCIMFault) -> String? {
        guard let form = FormFields(Array((query ?? "").utf8)) else {
            throw SCIMFault(.invalidFilter, "the query is to hold fields NAME=VALUE, each once")
        }
        return form.fields["filter"]
    }

    init(_ text: String) throws(SCIMFault) {
        // The value is one of JSON, and nothing comes after it.
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, SCIMPath(String(parts[0]))?.isUser("username") ?? false,
            parts[1].lowercased() == "eq", let value = try? JSON(parsing: Array(parts[2].utf8)),
            let name = value.string, !name.isEmpty
        else { throw SCIMFault(.invalidFilter, "only userName eq \"NAME\" is possible") }
        userName = name
    }
}
