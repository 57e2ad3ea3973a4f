import ArgumentParser
import FoundationEssentials
import NIOCore
import Networking

/// Where evidence is read from.
struct EvidenceOptions: ParsableArguments {
    @Option(help: "Base URL of the audit sink, such as http://127.0.0.1:9440; WEIR_SINK when left out.")
    var sink: String?

    @Option(help: "Read a gateway's or sink's data folder, a segment file or an export bundle instead.")
    var from: String?

    @Option(
        help:
            "File with the certificate authorities to trust for an https sink, PEM; the system's when left out."
    )
    var ca: String?

    @Option(
        help:
            "File with a reader's token, - for standard input. When left out: WEIR_TOKEN, the token itself, or over https and on this machine the file WEIR_TOKEN_FILE."
    )
    var tokenFile: String?

    @Option(help: "The name the sink records for this reader, unless a reader's token says it.")
    var reader: String?

    func validate() throws {
        guard sink == nil || from == nil else {
            throw ValidationError("--sink and --from exclude each other")
        }
    }

    /// - Throws: `ValidationError` for options that cannot be used; ``EvidenceFault``.
    func source() throws -> EvidenceSource {
        let environment = ProcessInfo.processInfo.environment
        if let from {
            guard FileManager.default.fileExists(atPath: from) else {
                throw ValidationError("--from \(from): no such file or folder")
            }
            return .archive(try EvidenceArchive.read(from))
        }
        guard let url = sink ?? environment["WEIR_SINK"], !url.isEmpty else {
            throw ValidationError(
                "say where the evidence is: --sink URL (or WEIR_SINK), or --from PATH")
        }
        let authorities = try ca.map { try TextFile.bytes($0) }
        let address: BaseURL
        do { address = try BaseURL(url) } catch { throw ValidationError("--sink \(url): \(error)") }
        let client = try HTTPClient(
            baseURL: address, certificateAuthoritiesPEM: authorities,
            on: EventLoops.start(count: 1).next())
        return .sink(
            SinkClient(
                client: client, address: url, token: try token(for: address, environment),
                reader: reader ?? environment["USER"] ?? environment["LOGNAME"]))
    }

    /// A file that the environment names is also for the operator: what it holds crosses no network in clear.
    private func token(for sink: BaseURL, _ environment: [String: String]) throws -> String? {
        if let tokenFile { return try SecretFile.token(in: tokenFile) }
        if let token = environment["WEIR_TOKEN"], !token.isEmpty { return token }
        let isSafe = sink.isSecure || ["localhost", "127.0.0.1", "::1"].contains(sink.host)
        guard let file = environment["WEIR_TOKEN_FILE"], !file.isEmpty, isSafe else { return nil }
        return try SecretFile.token(in: file)
    }
}
