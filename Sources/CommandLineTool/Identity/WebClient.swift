import ArgumentParser
import Cryptography
import FoundationEssentials
import NIOCore
import Networking

/// Asks issuers and the operator, one request at a time.
struct WebClient {
    let loop: any EventLoop
    /// PEM; `nil` for those the system trusts.
    var authorities: [UInt8]?
    /// By which whoever runs the program names them.
    var authorityOption: String?

    private static let timeout = TimeAmount.seconds(30)
    private static let responseLimit = 4 << 20

    /// Asks at `url`, which is `https://…`, or `http://` on this machine.
    /// - Throws: ``IdentityFault/unreachable(_:reason:)``.
    func send(
        _ url: String, form: [(String, String)]? = nil, headers: [(name: String, value: String)] = [],
        json: [UInt8]? = nil
    ) async throws -> HTTPResponse {
        let address = Self.withoutPath(url)
        guard Self.isSafe(url) else {
            throw IdentityFault.unreachable(address, reason: "only https:// is possible")
        }
        var request = HTTPRequest(
            path: url.count == address.count ? "/" : String(url.dropFirst(address.count)),
            headers: headers + [("Accept", "application/json")])
        if let form {
            request.method = .post
            request.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            let pairs = form.map { "\(SinkClient.percentEncoded($0))=\(SinkClient.percentEncoded($1))" }
            request.body = Array(pairs.joined(separator: "&").utf8)
        } else if let json {
            request.method = .post
            request.headers.append(("Content-Type", "application/json"))
            request.body = json
        }
        do {
            let client = try HTTPClient(
                baseURL: BaseURL(address), certificateAuthoritiesPEM: authorities, on: loop,
                timeout: Self.timeout, responseLimit: Self.responseLimit)
            let response = try await client.send(request)
            await client.close()
            return response
        } catch {
            let hint = (error as? TLSError) == .unknownAuthority ? authorityOption : nil
            throw IdentityFault.unreachable(
                address, reason: "\(error)\(hint.map { "; name it with \($0)" } ?? "")")
        }
    }

    /// Of names as OAuth writes them.
    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    static func isSafe(_ url: String) -> Bool {
        let local = ["http://localhost:", "http://localhost/", "http://127.0.0.1:", "http://[::1]:"]
        return url.hasPrefix("https://") || local.contains { url.hasPrefix($0) }
    }

    /// - Throws: `ValidationError`, naming the option, for an address that cannot be asked.
    static func check(_ url: String, of option: String) throws {
        guard isSafe(url) else { throw ValidationError("\(option) \(url): only https:// is possible") }
        do { _ = try BaseURL(url) } catch { throw ValidationError("\(option) \(url): \(error)") }
    }

    private static func withoutPath(_ url: String) -> String {
        let scheme = url.hasPrefix("https://") ? 8 : 7
        return String(url.prefix(scheme)) + url.dropFirst(scheme).prefix { $0 != "/" }
    }

    /// - Throws: ``IdentityFault/malformedAnswer(_:)`` about `who`.
    static func decode<Answer: Decodable>(
        _ type: Answer.Type, _ response: HTTPResponse, from who: String
    ) throws(IdentityFault) -> Answer {
        do { return try decoder.decode(type, from: Data(response.body)) } catch {
            throw .malformedAnswer(who)
        }
    }
}

/// What OAuth servers say that refuse (RFC 6749, section 5.2).
struct OAuthRefusal: Decodable {
    var error: String
    var errorDescription: String?

    var text: String { errorDescription.map { "\(error): \($0)" } ?? error }
}
