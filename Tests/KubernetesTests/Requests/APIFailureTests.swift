import Kubernetes
import Testing

/// What kube-apiserver 1.36 answers, and what it means.
struct APIFailureTests {
    static func status(
        _ code: Int, _ reason: String, _ details: String = "{}", message: String = ""
    ) -> APIResponse {
        let text =
            #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\#(message)","#
            + #""reason":"\#(reason)","details":\#(details),"code":\#(code)}"#
        return APIResponse(status: code, body: Array(text.utf8))
    }

    @Test(
        arguments: [
            (status(400, "BadRequest", message: "continue key is not valid"), .badRequest),
            (status(401, "Unauthorized"), .unauthorized), (status(403, "Forbidden"), .forbidden),
            (
                status(404, "NotFound", #"{"name":"phi","group":"weir.dev","kind":"maskingpolicies"}"#),
                .notFound
            ),
            (status(404, "NotFound"), .unknownResource),
            (APIResponse(status: 404, body: Array("404 page not found\n".utf8)), .unknownResource),
            (status(409, "AlreadyExists", #"{"name":"phi"}"#), .alreadyExists),
            (status(409, "Conflict", message: "Precondition failed: uid mismatch"), .conflict),
            (status(410, "Expired", message: "The provided continue parameter is too old"), .expired),
            (status(410, "Gone"), .expired),
            (status(413, "RequestEntityTooLarge"), .tooLarge), (APIResponse(status: 413), .tooLarge),
            (status(415, "UnsupportedMediaType"), .unsupportedMediaType),
            (
                status(
                    422, "Invalid", message: "the server rejected our request due to an error in our request"),
                .invalid
            ),
            (
                status(
                    422, "Invalid",
                    message: "ConfigMap is invalid: []: Too long: may not be more than 1048576 bytes"),
                .invalid
            ),
            (status(429, "TooManyRequests", #"{"retryAfterSeconds":1}"#), .tooManyRequests),
            (APIResponse(status: 429), .tooManyRequests),
            (status(500, "InternalError", message: "failed calling webhook"), .internalError),
            (status(500, "", message: ".spec.x: field not declared in schema"), .internalError),
            (status(503, "ServiceUnavailable"), .unavailable), (status(504, "Timeout"), .timeout),
            (
                status(
                    504, "Timeout",
                    #"{"causes":[{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1}"#),
                .tooEarly
            ),
            (APIResponse(status: 302), .unexpected), (APIResponse(status: 502), .internalError),
        ] as [(APIResponse, APIFailure.Kind)])
    func `the reason decides, and the code where there is none`(response: APIResponse, kind: APIFailure.Kind)
    {
        #expect(APIFailure(response).kind == kind)
        #expect(APIFailure(response).code == response.status)
    }

    @Test func `a conflict of managers names the fields`() {
        let failure = APIFailure(
            Self.status(
                409, "Conflict",
                #"{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" using v1","#
                    + #""field":".data.key"}]}"#))
        #expect(failure.kind == .conflict)
        #expect(failure.conflictingFields == [".data.key"])
    }

    @Test(
        arguments: [
            (status(429, "TooManyRequests"), true), (status(503, "ServiceUnavailable"), true),
            (status(504, "Timeout"), true), (status(500, "InternalError"), true),
            (APIResponse(status: 502), true),
            (status(409, "Conflict", message: "Precondition failed: uid mismatch"), true),
            (status(409, "Conflict", #"{"causes":[{"reason":"FieldManagerConflict"}]}"#), false),
            (status(500, "", message: ".spec.x: field not declared in schema"), false),
            (status(403, "Forbidden"), false), (status(422, "Invalid"), false),
            (status(413, "RequestEntityTooLarge"), false),
        ] as [(APIResponse, Bool)])
    func `a busy server passes by itself, and what it will not have does not`(
        response: APIResponse, passes: Bool
    ) {
        #expect(APIError.refused(APIFailure(response)).passesByItself == passes)
        #expect(APIError.transport(.timedOut).passesByItself)
    }

    @Test func `an eviction is refused by the budget, now or until it is observed`() {
        let budget =
            #""causes":[{"reason":"DisruptionBudget","message":"The disruption budget web needs 2 healthy pods"}]"#
        let blocked = APIFailure(Self.status(429, "TooManyRequests", "{\(budget)}"))
        #expect(blocked.kind == .disruptionBudget && blocked.retryAfter == nil)
        let unobserved = APIFailure(
            Self.status(429, "TooManyRequests", #"{\#(budget),"retryAfterSeconds":10}"#))
        #expect(unobserved.kind == .disruptionBudget && unobserved.retryAfter == .seconds(10))
        let two = APIFailure(Self.status(500, "", message: "This pod has more than one PodDisruptionBudget"))
        #expect(two.kind == .internalError)
    }

    @Test func `the header says how long to wait before the status does`() {
        var response = Self.status(429, "TooManyRequests", #"{"retryAfterSeconds":2}"#)
        #expect(APIFailure(response).retryAfter == .seconds(2))
        response.headers = [.init("retry-after", "7")]
        #expect(APIFailure(response).retryAfter == .seconds(7))
        response.headers = [.init("Retry-After", "-1")]
        #expect(APIFailure(response).retryAfter == .seconds(2))
    }

    @Test func `an expired list says where it could go on`() throws {
        let json = try JSON(
            parsing: Array(
                #"{"kind":"Status","metadata":{"continue":"abc"},"reason":"Expired","code":410}"#.utf8))
        #expect(Status(json)?.continueToken == "abc")
        #expect(Status(["kind": "Pod"]) == nil)
    }

    @Test func `warnings come beside a success`() {
        let response = APIResponse(
            status: 201,
            headers: [
                .init("Warning", #"299 - "unknown field \"spec.x\"""#), .init("warning", #"299 - "second""#),
                .init("Warning", "199 - x"), .init("Warning", "299 - \"open"), .init("Date", "299 - \"no\""),
            ])
        #expect(response.warnings == [#"unknown field "spec.x""#, "second"])
    }

    @Test func `an answer is JSON, a failure or malformed`() throws {
        #expect(try APIResponse(status: 200, body: Array(#"{"a":1}"#.utf8)).json() == ["a": 1])
        #expect {
            try APIResponse(status: 200, body: Array("<html>".utf8)).json()
        } throws: {
            if case APIError.malformed = $0 { true } else { false }
        }
        let refusal = Self.status(403, "Forbidden")
        #expect(throws: APIError.refused(APIFailure(refusal))) { try refusal.json() }
    }
}
