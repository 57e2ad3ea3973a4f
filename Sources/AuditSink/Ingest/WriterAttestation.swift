import FoundationEssentials
package import NIOCore
import Networking

/// Asks the operator whether a log that begins is of the pod whose token came with it.
package struct WriterAttestation: Sendable {
    /// Longest time for connecting, and again for the answer.
    private static let timeout = TimeAmount.seconds(5)

    /// The operator's base URL, HTTPS.
    private let url: String
    /// File of the authorities to trust, PEM; read afresh each time.
    private let certificateAuthorities: String
    private let loop: any EventLoop

    package init(url: String, certificateAuthorities: String, on loop: any EventLoop) {
        self.url = url
        self.certificateAuthorities = certificateAuthorities
        self.loop = loop
    }

    enum Judgement: Sendable, Equatable {
        case confirmed
        case refused
        /// The operator did not say.
        case unknown(reason: String)
    }

    /// `gateway` is a valid name; `authorization` the header that came with its batch.
    func judge(_ gateway: String, authorization: String?) async -> Judgement {
        guard let authorization else { return .refused }
        guard let authorities = FileManager.default.contents(atPath: certificateAuthorities) else {
            return .unknown(reason: "\(certificateAuthorities) cannot be read")
        }
        do {
            let client = try HTTPClient(
                baseURL: BaseURL(url), certificateAuthoritiesPEM: Array(authorities), on: loop,
                timeout: Self.timeout)
            let response = try await client.send(
                HTTPRequest(path: "/v1/writers/\(gateway)", headers: [("Authorization", authorization)]))
            await client.close()
            switch response.status {
            case 204: return .confirmed
            case 401, 403: return .refused
            default: return .unknown(reason: "the operator answered with status \(response.status)")
            }
        } catch {
            return .unknown(reason: "\(error)")
        }
    }
}
