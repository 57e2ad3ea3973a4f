package import Kubernetes

/// What is to be done about a call.
package enum Answer: Sendable {
    case response(Response)
    /// The events from there on, one a line, until the time is over.
    case watch(Watch)
    /// To be finished once admission has been asked.
    case write(PendingWrite)
}

package struct Response: Sendable {
    package var status: Int
    package var contentType = "application/json"
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8]

    package init(status: Int = 200, _ json: JSON, warnings: [String] = []) {
        self.status = status
        body = json.rendered
        headers = warnings.map { text in
            let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return ("Warning", "299 - \"\(escaped)\"")
        }
    }

    init(status: Int = 200, text: String) {
        self.status = status
        contentType = "text/plain; charset=utf-8"
        body = Array(text.utf8)
    }
}

/// Why a request was not done.
package struct APIFault: Error, Sendable {
    package var code: Int
    var reason: String
    var message: String
    var details: JSON?
    var continueToken: String?
    var retryAfter: Int?

    init(_ code: Int, _ reason: String, _ message: String, details: JSON? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    package var status: JSON {
        var metadata: JSON = [:]
        if let continueToken { metadata["continue"] = .string(continueToken) }
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
            "message": .string(message), "code": .integer(Int64(code)),
        ]
        if !reason.isEmpty { status["reason"] = .string(reason) }
        var details = details
        if let retryAfter {
            details = (details ?? [:]).merging(["retryAfterSeconds": .integer(Int64(retryAfter))])
        }
        if let details { status["details"] = details }
        return status
    }

    package var response: Response {
        var response = Response(status: code, status)
        if let retryAfter { response.headers.append(("Retry-After", "\(retryAfter)")) }
        return response
    }
}

extension APIFault {
    static func about(_ type: ResourceType, _ name: String) -> JSON {
        var details: JSON = ["name": .string(name), "kind": .string(type.name)]
        if !type.group.isEmpty { details["group"] = .string(type.group) }
        return details
    }

    static func notFound(_ type: ResourceType, _ name: String) -> Self {
        Self(404, "NotFound", "\(type.qualifiedName) \"\(name)\" not found", details: about(type, name))
    }

    static func alreadyExists(_ type: ResourceType, _ name: String) -> Self {
        Self(
            409, "AlreadyExists", "\(type.qualifiedName) \"\(name)\" already exists",
            details: about(type, name))
    }

    static func conflict(_ type: ResourceType, _ name: String, _ why: String = modified) -> Self {
        Self(
            409, "Conflict", "Operation cannot be fulfilled on \(type.qualifiedName) \"\(name)\": \(why)",
            details: about(type, name))
    }

    static let modified =
        "the object has been modified; please apply your changes to the latest version and try again"

    static func badRequest(_ message: String) -> Self { Self(400, "BadRequest", message) }

    static func forbidden(_ user: User, _ verb: String, _ target: Target) -> Self {
        let place =
            target.namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(target.namespace)\""
        let message =
            "\(target.type.qualifiedName) is forbidden: User \"\(user.name)\" cannot \(verb) resource "
            + "\"\(target.type.name)\" in API group \"\(target.type.group)\" \(place)"
        return Self(403, "Forbidden", message, details: about(target.type, target.name ?? ""))
    }

    /// Every fault of an object's content.
    static func invalid(_ type: ResourceType, _ name: String, _ faults: [FieldFault]) -> Self {
        let list = faults.map(\.description)
        let text = list.count == 1 ? list[0] : "[\(list.joined(separator: ", "))]"
        var details = about(type, name)
        details["kind"] = .string(type.kind)
        details["causes"] = .array(
            faults.map {
                ["reason": .string($0.reason), "message": .string($0.message), "field": .string($0.field)]
            })
        return Self(422, "Invalid", "\(type.qualifiedKind) \"\(name)\" is invalid: \(text)", details: details)
    }
}

/// What is wrong with one field.
struct FieldFault: Equatable, CustomStringConvertible {
    var reason = "FieldValueInvalid"
    var field: String
    var message: String

    var description: String { field.isEmpty ? message : "\(field): \(message)" }

    static func invalid(_ field: String, _ value: JSON, _ why: String) -> Self {
        Self(
            field: field, message: "Invalid value: \(value.object == nil ? "\(value)" : "\"object\""): \(why)"
        )
    }

    static func required(_ field: String) -> Self {
        Self(reason: "FieldValueRequired", field: field, message: "Required value")
    }
}
