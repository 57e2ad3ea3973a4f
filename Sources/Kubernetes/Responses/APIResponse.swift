/// What the API server answered.
package struct APIResponse: Sendable, Equatable {
    /// Of HTTP.
    package var status: Int
    /// In their order.
    package var headers: [Header]
    package var body: [UInt8]

    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// What the server would have us know beside the answer, such as fields it does not know and dropped: the
    /// texts of `Warning: 299 - "..."` (RFC 7234, section 5.5).
    package var warnings: [String] {
        headers.filter { $0.name.lowercased() == "warning" }.compactMap { header in
            guard header.value.hasPrefix("299 "), let start = header.value.firstIndex(of: "\"") else {
                return nil
            }
            var text = ""
            var isEscaped = false
            for character in header.value[header.value.index(after: start)...] {
                if isEscaped {
                    text.append(character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    return text
                } else {
                    text.append(character)
                }
            }
            return nil
        }
    }

    /// In whole seconds; the form with a date is not used by the API server.
    var retryAfter: Duration? {
        headers.first { $0.name.lowercased() == "retry-after" }.flatMap { UInt32($0.value) }
            .map { .seconds($0) }
    }

    /// The body of a success.
    /// - Throws: ``APIError``.
    package func json(keeping projection: JSON.Projection = .everything) throws(APIError) -> JSON {
        guard isSuccess else { throw .refused(APIFailure(self)) }
        do {
            return try JSON(parsing: body, keeping: projection)
        } catch {
            throw .malformed(MalformedAnswer("\(error)"))
        }
    }
}
