import Cryptography
import NIOCore
import Networking

/// Posts notifications. Follows no redirects, and looks at no more of an answer than its head.
struct WebhookClient: Sendable {
    /// For connecting, and again for the head of the answer; a TLS handshake has its own.
    static let timeout = TimeAmount.seconds(10)

    let loop: any EventLoop

    func post(_ body: [UInt8], _ headers: [(name: String, value: String)], to webhook: WebhookSecret) async
        -> DeliveryOutcome
    {
        do {
            let client = try HTTPClient(
                baseURL: webhook.base, certificateAuthoritiesPEM: webhook.authorities, on: loop,
                timeout: Self.timeout)
            let request = HTTPRequest(
                method: .post, path: webhook.path, headers: headers + [("Connection", "close")], body: body)
            let answer = try await client.open(request, silenceLimit: Self.timeout)
            answer.close()
            return Self.outcome(of: answer.status, retryAfter: answer.headers["retry-after"])
        } catch {
            return .failed(.unreachable(Self.reason(for: error)), after: nil)
        }
    }

    /// Whether it makes sense to come again: where the webhook is busy or out of order.
    static func outcome(of status: Int, retryAfter: String?) -> DeliveryOutcome {
        switch status {
        case 200...299: return .delivered
        case 408, 425, 429, 500...599:
            // The form with a date (RFC 9110, section 10.2.3) is left to the back-off.
            let seconds = retryAfter.flatMap { UInt32($0) }
            return .failed(.status(status), after: seconds.map { .seconds($0) })
        default: return .refused(.status(status))
        }
    }

    /// In words of ours: those of others may tell the address.
    private static func reason(for error: any Error) -> String {
        switch error {
        case let error as NetworkingError: reason(for: error)
        case let error as TLSError: reason(for: error)
        default: "the webhook cannot be reached"
        }
    }

    private static func reason(for error: NetworkingError) -> String {
        switch error {
        case .timedOut: "the webhook does not answer in time"
        case .connectionClosed: "the webhook ended the connection"
        case .malformedResponse, .responseTooLong: "what answers for the webhook speaks no HTTP"
        case .malformedURL, .addressInUse, .tooMuchWritten: "the webhook cannot be reached"
        }
    }

    private static func reason(for error: TLSError) -> String {
        switch error {
        case .configuration: "\(WebhookSecret.authorities) of the webhook's Secret holds no certificates"
        case .certificateExpired, .certificateNotYetValid: "the webhook's certificate is not valid now"
        case .unknownAuthority: "the webhook's certificate is of no authority that is trusted"
        case .nameMismatch: "the webhook's certificate is of another host"
        case .certificateRejected: "the webhook's certificate is refused"
        case .handshakeFailed, .broken, .notOpen: "the webhook comes to no agreement on TLS"
        }
    }
}
