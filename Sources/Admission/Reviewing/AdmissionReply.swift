import Cryptography
package import Kubernetes

/// The answer to one review, as HTTP has it.
package struct AdmissionReply: Sendable, Equatable {
    /// 200 for every review that is one, whatever its object.
    package var status: Int
    /// JSON.
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    package static func malformed(_ reason: String) -> Self {
        Self(status: 400, body: (["message": .string(reason)] as JSON).rendered)
    }

    package static func allowed(
        _ request: AdmissionRequest, patch: JSONPatch = JSONPatch([]), warnings: [String] = [],
        annotations: [String: String] = [:]
    ) -> Self {
        var response: JSON = ["uid": .string(request.uid), "allowed": true]
        if !patch.isEmpty {
            response["patchType"] = "JSONPatch"
            response["patch"] = .string(Base64.encode(patch.rendered))
        }
        if !annotations.isEmpty { response["auditAnnotations"] = JSON(annotations) }
        return reviewed(response, warnings)
    }

    /// Why an object is not let in, in the terms of `Status`.
    package enum Denial {
        /// It may never be.
        case forbidden(String)
        /// It breaks a rule.
        case invalid(String)
        /// It may be later.
        case unavailable(String)
    }

    package static func denied(_ request: AdmissionRequest, _ denial: Denial, warnings: [String] = []) -> Self
    {
        let (code, reason, message): (Int64, String, String) =
            switch denial {
            case .forbidden(let message): (403, "Forbidden", message)
            case .invalid(let message): (422, "Invalid", message)
            case .unavailable(let message): (503, "ServiceUnavailable", message)
            }
        let status: JSON = ["code": .integer(code), "reason": .string(reason), "message": .string(message)]
        return reviewed(["uid": .string(request.uid), "allowed": false, "status": status], warnings)
    }

    private static func reviewed(_ response: JSON, _ warnings: [String]) -> Self {
        var response = response
        if !warnings.isEmpty { response["warnings"] = JSON(bounded(warnings)) }
        let review: JSON = [
            "apiVersion": .string(AdmissionRequest.apiVersion), "kind": "AdmissionReview",
            "response": response,
        ]
        return Self(status: 200, body: review.rendered)
    }

    /// The API server passes on no more than 4 KiB of all warnings together.
    static let maximumWarningLength = 4096

    private static func bounded(_ warnings: [String]) -> [String] {
        var rest = maximumWarningLength
        return warnings.filter { warning in
            rest -= warning.utf8.count
            return rest >= 0
        }
    }
}
