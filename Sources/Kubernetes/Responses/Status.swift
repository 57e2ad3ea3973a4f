/// How the API server says what became of a request (`Status`, meta/v1).
package struct Status: Sendable, Equatable {
    package struct Cause: Sendable, Equatable {
        package var reason: String
        package var message: String
        package var field: String
    }

    package var isFailure: Bool
    /// Of HTTP; 0 where it says none.
    package var code: Int
    /// Machine-readable; empty where the server gives none.
    package var reason: String
    package var message: String
    /// Of the object or kind it is about.
    package var name: String
    package var causes: [Cause]
    package var retryAfterSeconds: Int64?
    /// Where a list may go on after its token expired, without being one state of the server any more.
    package var continueToken: String

    /// - Returns: `nil` for what is no Status.
    package init?(_ json: JSON) {
        guard json["kind"]?.string == "Status" else { return nil }
        isFailure = json["status"]?.string != "Success"
        code = Int(json["code"]?.integer ?? 0)
        reason = json["reason"]?.string ?? ""
        message = json["message"]?.string ?? ""
        let details = json["details"]
        name = details?["name"]?.string ?? ""
        causes = (details?["causes"]?.array ?? []).map { cause in
            Cause(
                reason: cause["reason"]?.string ?? "", message: cause["message"]?.string ?? "",
                field: cause["field"]?.string ?? "")
        }
        retryAfterSeconds = details?["retryAfterSeconds"]?.integer
        continueToken = json["metadata", "continue"]?.string ?? ""
    }

    func hasCause(_ reason: String) -> Bool {
        causes.contains { $0.reason == reason }
    }
}
