import ArgumentParser
import FoundationEssentials
import NIOCore
import Networking

/// Where the token comes from that is exchanged: a file, the CI system, or an earlier log-in. Never the command line.
struct TokenOptions: ParsableArguments {
    @Option(
        help:
            "File with an OIDC token, - for standard input. When left out: of the running GitHub Actions job, of weirctl login, or in the file WEIR_TOKEN_FILE."
    )
    var tokenFile: String?

    @Option(help: "Audience that a CI system is asked to make its token for.")
    var audience = "weir"

    /// - Throws: `ValidationError` for a file that cannot be read; ``IdentityFault``.
    func token(on loop: any EventLoop) async throws -> String {
        if let tokenFile { return try SecretFile.token(in: tokenFile) }
        let environment = ProcessInfo.processInfo.environment
        if let url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"],
            let bearer = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        {
            return try await Self.tokenOfJob(url, bearer, audience: audience, on: loop)
        }
        do {
            return try SavedLogin.load(environment).usableToken(at: Date())
        } catch IdentityFault.noToken {
            guard let file = environment["WEIR_TOKEN_FILE"], !file.isEmpty else {
                throw IdentityFault.noToken
            }
            return try SecretFile.token(in: file)
        }
    }

    private struct JobToken: Decodable { var value: String }

    /// As GitHub Actions gives it to a job with `id-token: write`.
    private static func tokenOfJob(
        _ url: String, _ bearer: String, audience: String, on loop: any EventLoop
    ) async throws -> String {
        let address =
            url + (url.contains("?") ? "&" : "?") + "audience=" + SinkClient.percentEncoded(audience)
        let response = try await WebClient(loop: loop, authorities: nil)
            .send(address, headers: [("Authorization", "Bearer \(bearer)")])
        guard response.status == 200 else {
            throw IdentityFault.refused(
                by: "the CI system", status: response.status, detail: "no identity token")
        }
        return try WebClient.decode(JobToken.self, response, from: "the CI system").value
    }
}

/// What a log-in left: the token, for its owner alone.
struct SavedLogin: Codable {
    var issuer: String
    var clientID: String
    var token: String
    /// Seconds since 1970.
    var expiry: Int64

    private static let fileName = "login.json"
    /// A token is not used in its last seconds.
    private static let margin: Int64 = 5

    private static func file(_ environment: [String: String]) throws(IdentityFault) -> SecretFile {
        SecretFile(path: try PersonalFolder.path(environment) + "/" + fileName)
    }

    static func load(_ environment: [String: String]) throws(IdentityFault) -> Self {
        let file = try file(environment)
        let content: [UInt8]
        do { content = try file.read() } catch {
            if case .openFile = error { throw error }
            throw .noToken
        }
        guard let saved = try? JSONDecoder().decode(Self.self, from: Data(content)) else {
            throw .notLoggedIn
        }
        return saved
    }

    func save(_ environment: [String: String]) throws {
        try Self.file(environment).write(Array(try JSONEncoder().encode(self)))
    }

    static func forget(_ environment: [String: String]) throws { try file(environment).remove() }

    func usableToken(at now: Date) throws(IdentityFault) -> String {
        guard Int64(now.timeIntervalSince1970) + Self.margin < expiry else { throw .notLoggedIn }
        return token
    }
}
