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

    @Option(help: "The name the sink records for this reader, unless WEIR_TOKEN holds a reader's token.")
    var reader: String?

    /// - Throws: ``EvidenceFault`` when neither or both are given.
    func source() throws -> EvidenceSource {
        let environment = ProcessInfo.processInfo.environment
        if let from {
            guard sink == nil else { throw EvidenceFault.twoSources }
            return .archive(try EvidenceArchive.read(from))
        }
        guard let url = sink ?? environment["WEIR_SINK"], !url.isEmpty else { throw EvidenceFault.noSource }
        var authorities: [UInt8]?
        if let ca {
            guard let data = FileManager.default.contents(atPath: ca) else {
                throw EvidenceFault.unreadable(ca, reason: "no such file, or not permitted")
            }
            authorities = Array(data)
        }
        let client = try HTTPClient(
            baseURL: BaseURL(url), certificateAuthoritiesPEM: authorities,
            on: EventLoops.start(count: 1).next())
        return .sink(
            SinkClient(
                client: client, address: url, token: environment["WEIR_TOKEN"],
                reader: reader ?? environment["USER"] ?? environment["LOGNAME"]))
    }
}
