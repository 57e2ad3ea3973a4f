import Hummingbird
import Kubernetes

/// Why a SCIM request is refused (RFC 7644, section 3.12).
struct SCIMFault: Error, Equatable {
    /// `scimType`: RFC 7644, table 9.
    enum Kind: String {
        case invalidFilter
        case invalidPath
        case invalidSyntax
        case invalidValue
        case noTarget
        case uniqueness
    }

    /// RFC 7644, table 8.
    enum Code: Int {
        case badRequest = 400
        case unauthorized = 401
        case notFound = 404
        case conflict = 409
        case serviceUnavailable = 503
    }

    var code: Code
    var kind: Kind?
    var detail: String

    /// What is wrong with a request.
    init(_ kind: Kind, _ detail: String) {
        (code, self.kind, self.detail) = (.badRequest, kind, detail)
    }

    init(_ code: Code, _ detail: String) {
        (self.code, self.detail) = (code, detail)
    }

    var json: JSON {
        var json: JSON = [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": .string("\(code.rawValue)"),
            "detail": .string(detail),
        ]
        if let kind { json["scimType"] = .string(kind.rawValue) }
        return json
    }
}

extension SCIMFault: HTTPResponseError {
    var status: HTTPResponse.Status { .init(code: code.rawValue) }

    func response(from _: Request, context _: some RequestContext) -> Response {
        TokenRoutes.response(status, json, type: SCIMRoutes.contentType)
    }
}
