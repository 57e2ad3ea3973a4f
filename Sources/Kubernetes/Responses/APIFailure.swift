/// A request that the API server refused.
///
/// The reason decides what it means, and the code only where there is none: a 409 is `AlreadyExists` or
/// `Conflict`, a 429 is a busy server or a disruption budget, and a body in plain text is a group that the
/// server does not have.
package struct APIFailure: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case badRequest
        /// The credentials are none, or expired.
        case unauthorized
        case forbidden
        case notFound
        /// The server does not have the kind of object, or not yet.
        case unknownResource
        case alreadyExists
        /// The object is no longer what the request took it for, or another manager has the ``conflictingFields``.
        case conflict
        /// The version or the continuation is no longer known: list again.
        case expired
        /// The version is not known yet, as after the server's store was restored.
        case tooEarly
        case tooLarge
        /// A patch type that the kind does not have.
        case unsupportedMediaType
        /// The object breaks a rule, or a patch's `test` failed.
        case invalid
        /// The server is busy.
        case tooManyRequests
        /// A pod's disruption budget does not allow its eviction now.
        case disruptionBudget
        case timeout
        case unavailable
        /// The server or one of its webhooks failed; also for good, such as an apply with an unknown field.
        case internalError
        /// A redirect, or anything else that is no answer of an API server.
        case unexpected
    }

    package var kind: Kind
    package var code: Int
    /// `nil` when the body was none.
    package var status: Status?
    /// How long the server wants to be left alone.
    package var retryAfter: Duration?

    package init(_ response: APIResponse) {
        let json = try? JSON(parsing: response.body, limits: JSON.Limits(length: Self.maximumStatusLength))
        self.init(code: response.status, json.flatMap { Status($0) }, retryAfter: response.retryAfter)
    }

    /// The `code` is of HTTP, or of the status when it came as an event of a watch.
    package init(code: Int, _ status: Status?, retryAfter: Duration? = nil) {
        self.code = code
        self.status = status
        let seconds = status?.retryAfterSeconds.flatMap { UInt32(exactly: $0) } ?? 0
        self.retryAfter = retryAfter ?? (seconds > 0 ? .seconds(seconds) : nil)
        kind = Self.kind(code, status)
    }

    /// In bytes. Ours: a status is a few lines.
    private static let maximumStatusLength = 1 << 20

    private static func kind(_ code: Int, _ status: Status?) -> Kind {
        guard let status else { return code == 404 ? .unknownResource : kind(code) }
        switch status.reason {
        case "BadRequest": return .badRequest
        case "Unauthorized": return .unauthorized
        case "Forbidden": return .forbidden
        // About a kind it names no object.
        case "NotFound": return status.name.isEmpty ? .unknownResource : .notFound
        case "AlreadyExists": return .alreadyExists
        case "Conflict": return .conflict
        case "Expired", "Gone": return .expired
        case "RequestEntityTooLarge": return .tooLarge
        case "UnsupportedMediaType": return .unsupportedMediaType
        case "Invalid": return .invalid
        case "TooManyRequests":
            return status.hasCause("DisruptionBudget") ? .disruptionBudget : .tooManyRequests
        case "Timeout", "ServerTimeout":
            return status.hasCause("ResourceVersionTooLarge") ? .tooEarly : .timeout
        case "ServiceUnavailable": return .unavailable
        case "InternalError": return .internalError
        default: return kind(code)
        }
    }

    private static func kind(_ code: Int) -> Kind {
        switch code {
        case 400: .badRequest
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 409: .conflict
        case 410: .expired
        case 413: .tooLarge
        case 415: .unsupportedMediaType
        case 422: .invalid
        case 429: .tooManyRequests
        case 503: .unavailable
        case 504: .timeout
        case 500..<600: .internalError
        default: .unexpected
        }
    }

    /// What other managers own of what an apply would have set.
    package var conflictingFields: [String] {
        (status?.causes ?? []).filter { $0.reason == "FieldManagerConflict" }.map(\.field)
    }

    /// Whether the same may well succeed later, with nobody having done anything.
    fileprivate var passesByItself: Bool {
        switch kind {
        case .expired, .tooEarly, .tooManyRequests, .disruptionBudget, .timeout, .unavailable: true
        case .conflict: conflictingFields.isEmpty
        // Without a reason it is what the server makes of a request it cannot read.
        case .internalError: status?.reason != ""
        case .badRequest, .unauthorized, .forbidden, .notFound, .unknownResource, .alreadyExists, .tooLarge,
            .unsupportedMediaType, .invalid, .unexpected:
            false
        }
    }
}

extension APIFailure: CustomStringConvertible {
    package var description: String {
        let reason = status.map { $0.reason.isEmpty ? "no reason" : $0.reason } ?? "no status"
        return "\(code) \(reason): \(status?.message ?? "")"
    }
}

/// Why there is no answer.
package enum TransportFailure: Error, Sendable, Equatable {
    case connectionFailed(String)
    case timedOut
    /// Nothing was received for as long as a watch may be silent.
    case silent
    /// The connection ended before the answer did.
    case cutShort
    case answerTooLong(limit: Int)
    /// The server's certificate or the encryption is not as it must be.
    case insecure(String)
    /// The credentials cannot be read or made.
    case credentials(String)
    case cancelled
}

/// Why a request came to nothing.
package enum APIError: Error, Sendable, Equatable {
    case refused(APIFailure)
    case transport(TransportFailure)
    case malformed(MalformedAnswer)

    /// Whether the same may well succeed later, with nobody having done anything.
    package var passesByItself: Bool {
        switch self {
        case .refused(let failure): failure.passesByItself
        case .transport: true
        case .malformed: false
        }
    }
}
