import API
import Audit
import AuditSink
import Cryptography
import FoundationEssentials
import Networking

/// The sink's query API, as `Documentation/audit-sink-api.md` describes it.
struct SinkClient {
    private let client: HTTPClient
    private let address: String
    private let headers: [(name: String, value: String)]

    init(client: HTTPClient, address: String, token: String?, reader: String?) {
        self.client = client
        self.address = address
        var headers: [(name: String, value: String)] = []
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        if let reader { headers.append(("Weir-Reader", Self.percentEncoded(reader))) }
        self.headers = headers
    }

    func sessions(_ filter: SessionFilter) async throws -> [SessionSummary] {
        var query = ["limit=\(filter.limit)"]
        if let subject = filter.subject { query.append("subject=\(Self.percentEncoded(subject))") }
        if let since = filter.since { query.append("since=\(Self.percentEncoded(since.text))") }
        let response = try await get("/v1/sessions?" + query.joined(separator: "&"))
        return try JSONDecoder().decode([SessionSummary].self, from: Data(response.body))
    }

    /// - Returns: `nil` when there is none.
    func session(_ session: SessionID) async throws -> SessionSummary? {
        do {
            let response = try await get("/v1/sessions/\(session.hexadecimal)")
            return try JSONDecoder().decode(SessionSummary.self, from: Data(response.body))
        } catch EvidenceFault.refused(status: 404, detail: _) {
            return nil
        }
    }

    func events(of session: SessionID) async throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        try await pages("/v1/sessions/\(session.hexadecimal)/events?") { page in
            lines += page.split(separator: 0x0a).map(Array.init)
        }
        return lines
    }

    /// The sink's key and its newest checkpoint.
    func bundleHeader() async throws -> (header: EvidenceBundle.Header, size: UInt64) {
        let text = String(decoding: try await get("/v1/key").body.prefix { $0 != 0x0a }, as: UTF8.self)
        let note = String(decoding: try await get("/v1/checkpoint").body, as: UTF8.self)
        guard let key = VerifierKey(text),
            let checkpoint = SignedNote(note).flatMap({ Checkpoint(text: $0.text) })
        else { throw EvidenceFault.refused(status: 200, detail: "neither a key nor a checkpoint") }
        return (EvidenceBundle.Header(key: key, note: note), checkpoint.size)
    }

    /// Lines of a bundle for the tree of `size` leaves, a page at a time.
    func export(
        session: SessionID?, size: UInt64, page: ([UInt8]) throws -> Void
    ) async throws {
        let filter = session.map { "session=\($0.hexadecimal)&" } ?? ""
        try await pages("/v1/export?\(filter)size=\(size)&", page)
    }

    private func pages(_ path: String, _ body: ([UInt8]) throws -> Void) async throws {
        var position: UInt64? = 0
        while let from = position {
            let response = try await get("\(path)from=\(from)")
            try body(response.body)
            position = response.headers["weir-next"].flatMap { UInt64($0) }.flatMap { $0 > from ? $0 : nil }
        }
    }

    /// - Throws: ``EvidenceFault``, also for any status but 200.
    private func get(_ path: String) async throws -> HTTPResponse {
        let response: HTTPResponse
        do {
            response = try await client.send(HTTPRequest(path: path, headers: headers))
        } catch {
            let hint = (error as? TLSError) == .unknownAuthority ? "; name it with --ca" : ""
            throw EvidenceFault.unreachable(address, reason: "\(error)\(hint)")
        }
        guard response.status == 200 else {
            let detail = String(decoding: response.body.prefix(1000), as: UTF8.self)
            throw EvidenceFault.refused(status: response.status, detail: detail)
        }
        return response
    }

    /// All but RFC 3986's unreserved characters.
    static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
