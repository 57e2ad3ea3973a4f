import Kubernetes

extension Cluster {
    func get(_ target: Target, _ call: Call) throws(APIFault) -> Response {
        guard target.subresource == nil || target.type.subresources.contains(target.subresource ?? "") else {
            return Response(status: 404, text: "404 page not found\n")
        }
        guard let object = object(target.type, target.key) else {
            throw .notFound(target.type, target.name ?? "")
        }
        if target.subresource == "scale" { return Response(Self.scale(of: object)) }
        guard let format = Table.Format(call) else { return Response(object) }
        return Response(Table(target.type, format).json(of: [object], revision: "\(store.revision)", at: now))
    }

    func list(_ target: Target, _ call: Call) throws(APIFault) -> Response {
        let selection = try Selection(call.query)
        var limit = call.query["limit"].flatMap { Int($0) } ?? 0
        let asked = call.query["resourceVersion"] ?? ""
        var revision = store.revision
        var start: ObjectKey?
        if let token = call.query["continue"], !token.isEmpty {
            guard asked.isEmpty || asked == "0" else {
                throw .badRequest("specifying resource version is not allowed when using continue")
            }
            let page = try ContinueToken(token)
            if let past = page.revision {
                guard past >= store.compacted else { throw page.expired }
                revision = past
            }
            start = page.after
        } else if asked == "0" {
            limit = 0  // served from what is at hand, whole
        } else if !asked.isEmpty {
            guard let past = Int64(asked) else {
                throw .invalid(
                    target.type, "", [.invalid("resourceVersion", .string(asked), "must be a number")])
            }
            guard past <= store.revision else { throw Self.tooLarge(past, store.revision) }
            if call.query["resourceVersionMatch"] == "Exact" {
                guard past >= store.compacted else { throw Self.expired(past, store.compacted) }
                revision = past
            }
        }
        let past = revision == store.revision ? nil : revision
        let all = store.objects(of: target.type.identifier, in: target.namespace, at: past)
            .filter { entry in start.map { $0 < entry.0 } ?? true }
            .map { ($0.0, read($0.1, target.type)) }.filter { selection.selects($0.1) }
        let page = limit > 0 ? Array(all.prefix(limit)) : all
        var metadata: JSON = ["resourceVersion": .string("\(revision)")]
        if page.count < all.count, let last = page.last {
            metadata["continue"] = .string(ContinueToken(revision: revision, after: last.0).text)
            metadata["remainingItemCount"] = .integer(Int64(all.count - page.count))
        }
        let objects = page.map(\.1)
        if let format = Table.Format(call) {
            var table = Table(target.type, format).json(of: objects, revision: "\(revision)", at: now)
            table["metadata"] = metadata
            return Response(table)
        }
        return Response([
            "apiVersion": .string(target.type.apiVersion), "kind": .string("\(target.type.kind)List"),
            "metadata": metadata, "items": .array(objects),
        ])
    }

    static func expired(_ revision: Int64, _ compacted: Int64) -> APIFault {
        APIFault(410, "Expired", "too old resource version: \(revision) (\(compacted))")
    }

    static func tooLarge(_ revision: Int64, _ current: Int64) -> APIFault {
        var fault = APIFault(
            504, "Timeout", "Too large resource version: \(revision), current: \(current)",
            details: [
                "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]]
            ])
        fault.retryAfter = 1
        return fault
    }
}

/// Where a list goes on.
struct ContinueToken {
    /// Whose state the pages show; `nil`: the present one.
    var revision: Int64?
    var after: ObjectKey

    init(revision: Int64?, after: ObjectKey) {
        self.revision = revision
        self.after = after
    }

    init(_ text: String) throws(APIFault) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "v1", let revision = Int64(parts[1]),
            let namespace = Self.decoded(parts[2]),
            let name = Self.decoded(parts[3])
        else { throw .badRequest("continue key is not valid: \(text)") }
        self.revision = revision < 0 ? nil : revision
        after = ObjectKey(namespace: namespace, name: name)
    }

    var text: String { "v1.\(revision ?? -1).\(Self.encoded(after.namespace)).\(Self.encoded(after.name))" }

    /// What a list that cannot go on as it was is told, with a token by which it can go on as things are.
    var expired: APIFault {
        var fault = APIFault(
            410, "Expired",
            "The provided continue parameter is too old to display a consistent list result. You can start a new list "
                + "without the continue parameter, or use the continue token in this response to retrieve the "
                + "remainder of the results. Continuing with the provided token results in an inconsistent list."
        )
        fault.continueToken = ContinueToken(revision: nil, after: after).text
        return fault
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { Cluster.hexadecimal(UInt32($0), 2) }.joined()
    }

    private static func decoded(_ text: String) -> String? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)
        }
        return bytes.contains(nil) ? nil : String(decoding: bytes.compactMap { $0 }, as: UTF8.self)
    }
}
