import API
import Audit
import AuditSink
import FoundationEssentials
import LogCapture
import NIOCore
import Networking
import TemporaryFiles
import Testing

/// The sink over a loopback socket.
struct ServerTests {
    /// Runs a sink for as long as `body` does.
    func serving(
        readers: Readers = Readers(), log: CapturedLog = CapturedLog(),
        limits: ServingLimits = ServingLimits(),
        _ body: (HTTPClient, TemporaryFolder) async throws -> Void
    ) async throws {
        try await listening(readers: readers, log: log, limits: limits) { (port, folder) async throws in
            try await body(client(port), folder)
        }
    }

    /// Runs a sink for as long as `body`, which is given its port, does.
    func listening(
        readers: Readers = Readers(), log: CapturedLog = CapturedLog(),
        limits: ServingLimits = ServingLimits(), _ body: (Int, TemporaryFolder) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        var configuration = AuditSinkServer.Configuration(
            folder: folder.path, host: "127.0.0.1", port: 0, readers: readers)
        configuration.limits = limits
        let server = try AuditSinkServer(configuration, logger: log.logger)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let running = Task {
            try await server.run { port in continuation.yield(port) }
        }
        defer { running.cancel() }
        for await port in ports {
            try await body(port, folder)
            return
        }
    }

    func client(_ port: Int, timeout: TimeAmount = .seconds(30)) throws -> HTTPClient {
        try HTTPClient(
            baseURL: BaseURL("http://127.0.0.1:\(port)"), on: EventLoops.shared.next(), timeout: timeout)
    }

    func get(
        _ client: HTTPClient, _ path: String, headers: [(name: String, value: String)] = []
    ) async throws -> (status: Int, text: String, next: String?) {
        let response = try await client.send(HTTPRequest(path: path, headers: headers))
        return (
            response.status, String(decoding: response.body, as: UTF8.self), response.headers["weir-next"]
        )
    }

    func post(
        _ client: HTTPClient, _ body: [UInt8], to name: String = "clinic"
    ) async throws -> (status: Int, text: String) {
        let response = try await client.send(
            HTTPRequest(method: .post, path: "/v1/gateways/\(name)/events", body: body))
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    @Test
    func `records go in, and sessions, events and a bundle that verifies come out`() async throws {
        try await serving { (client, folder) async throws in
            let gateway = try GatewayLog()
            try gateway.session(1, of: "dana")
            try gateway.session(2, of: "ci/job")
            let last = gateway.recorder.lastSequence
            #expect(try await get(client, "/v1/gateways/clinic").status == 404)
            #expect(try await post(client, gateway.bytes()) == (200, "{\"acknowledged\":\(last)}\n"))
            #expect(try await get(client, "/v1/gateways/clinic").text.contains("\"acknowledged\":\(last)"))

            let listed = try await get(client, "/v1/sessions?subject=ci%2Fjob")
            let sessions = try JSONDecoder().decode([SessionSummary].self, from: Data(listed.text.utf8))
            #expect(sessions.map(\.subject) == ["ci/job"])
            let session = try #require(sessions.first)
            #expect((session.statements, session.masked, session.refused, session.rows) == (2, 1, 1, 6))
            #expect(session.state == "Ended")
            #expect(session.groups == ["staff", "billing"])

            let events = try await get(client, "/v1/sessions/\(session.session)/events")
            #expect(events.text.split(separator: "\n").count == 6)
            for line in events.text.split(separator: "\n") {
                let record = try RecordDecoder(Array(line.utf8)).record()
                #expect(record.session.hexadecimal == session.session)
            }

            for filter in ["", "session=\(session.session)&"] {
                let key = try #require(VerifierKey(try await get(client, "/v1/key").text.dropLast()))
                let note = try await get(client, "/v1/checkpoint").text
                let size = try #require(SignedNote(note).flatMap { Checkpoint(text: $0.text) }).size
                let export = try await get(client, "/v1/export?\(filter)size=\(size)")
                #expect(export.next == nil)
                let header = EvidenceBundle.Header(key: key, note: note).line.dropLast()
                var verifier = try BundleVerifier(header: Array(header))
                for line in export.text.split(separator: "\n") { verifier.receive(Array(line.utf8)) }
                let report = verifier.finish()
                #expect(report.isIntact)
                #expect(report.recordCount == (filter.isEmpty ? size : 6))
            }
            #expect(try StoredLog(folder: folder.path).verify().isIntact)
        }
    }

    @Test
    func `reading evidence is in the log`() async throws {
        try await serving { (client, folder) async throws in
            _ = try await get(client, "/v1/sessions?subject=dana", headers: [("Weir-Reader", "kim")])
            _ = try await get(client, "/v1/checkpoint", headers: [("Weir-Reader", "kim")])
            var reads: [String] = []
            try StoredLog(folder: folder.path).forEachRecord { entry in
                if case .sink(.evidenceRead(let reader, let what, let filter, _))? =
                    try? RecordDecoder(entry.line).record().content
                {
                    reads.append("\(reader) \(what) \(filter)")
                }
            }
            #expect(reads == ["unverified:kim sessions subject=dana"])
        }
    }

    @Test
    func `a file without readers lets nobody read`() async throws {
        try await serving(readers: try #require(Readers(file: "# nobody\n"))) { (client, _) async throws in
            for headers in [[], [("Authorization", "Bearer ")], [("Authorization", "Bearer nobody")]] {
                #expect(try await get(client, "/v1/sessions", headers: headers).status == 401)
            }
        }
        #expect(Readers(file: "kim\n") == nil)
    }

    @Test
    func `only readers with a token read evidence when there are tokens`() async throws {
        let readers = try #require(Readers(file: "# auditors\nkim s3cret\n"))
        try await serving(readers: readers) { (client, _) async throws in
            for path in ["/v1/sessions", "/v1/export", "/v1/sessions/\(String(repeating: "a", count: 32))"] {
                let nobody = try await get(client, path)
                #expect(nobody.status == 401 && nobody.text.contains("a reader's token is needed"))
                let stranger = try await get(client, path, headers: [("Authorization", "Bearer s3cre")])
                #expect(stranger.status == 401 && stranger.text.contains("this token is no reader's"))
            }
            #expect(
                try await get(client, "/v1/sessions", headers: [("Authorization", "Bearer s3cret")]).status
                    == 200)
            #expect(try await get(client, "/v1/checkpoint").status == 200)
        }
    }

    @Test
    func `what is no batch is refused with a reason`() async throws {
        try await serving { (client, _) async throws in
            let gateway = try GatewayLog()
            try gateway.session(1)
            try gateway.session(2)
            #expect(try await post(client, Array("{}\n".utf8)).status == 400)
            #expect(try await post(client, [], to: "a%2Fb").status == 400)
            let late = try await post(client, gateway.bytes(after: 3))
            #expect(late.status == 409)
            #expect(late.text.contains("\"expected\":1"))
            let body = [UInt8](repeating: 0x0a, count: Batch.maximumLength + 1)
            #expect(try await post(client, body).status == 413)
            #expect(try await get(client, "/v1/proofs/inclusion?position=99").status == 404)
            #expect(try await get(client, "/v1/proofs/inclusion?position=-1").status == 400)
            #expect(try await get(client, "/v1/proofs/consistency?from=9&to=1").status == 404)
            #expect(try await get(client, "/v1/sessions?since=yesterday").status == 400)
            #expect(try await get(client, "/v1/sessions/zz").status == 404)
        }
    }

    @Test
    func `a store that fails is told of once, and the sink is alive and not ready`() async throws {
        let log = CapturedLog()
        try await serving(log: log) { (client, folder) async throws in
            #expect(try await get(client, "/readyz") == (200, "ready\n", nil))
            try TamperedDatabase.run(
                """
                INSERT INTO records (position, gateway, sequence, hash, line)
                SELECT max(position) + 1, 1, 1000000, x'00', x'00' FROM records
                """, in: folder.path + "/" + EvidenceStore.fileName)
            let gateway = try GatewayLog()
            try gateway.session(1)
            for _ in 0..<3 {
                let failed = try await post(client, gateway.bytes())
                #expect(failed.status == 500 && failed.text.contains("\"error\":\"StoreFailed\""))
            }
            let told = log.lines.filter { $0.hasPrefix("error") }
            #expect(told.count == 1 && told[0].contains("request=POST /v1/gateways/"))
            #expect(told.first?.contains("the evidence database: UNIQUE constraint failed") == true)
            #expect(try await get(client, "/readyz").status == 503)
            #expect(try await get(client, "/healthz").status == 200)

            try TamperedDatabase.run(
                "DELETE FROM records WHERE sequence = 1000000",
                in: folder.path + "/" + EvidenceStore.fileName)
            #expect(try await post(client, gateway.bytes()).status == 200)
            #expect(try await get(client, "/readyz").status == 200)
        }
    }

    @Test
    func `who is refused is told what to do, and so is whoever looks after the sink`() async throws {
        let log = CapturedLog()
        try await serving(log: log) { (client, _) async throws in
            let gateway = try GatewayLog()
            try gateway.session(1)
            #expect(try await post(client, gateway.bytes()).status == 200)
            let anew = try GatewayLog(seed: 8)
            try anew.session(1)
            for _ in 0..<2 {
                let refused = try await post(client, anew.bytes())
                #expect(refused.status == 409)
                #expect(refused.text.contains("a gateway with a new data folder needs a new name"))
            }
            let told = log.lines.filter { $0.hasPrefix("warning a batch is refused") }
            #expect(told.count == 1 && told[0].contains("error=BadSignature gateway=clinic"))
        }
    }

    @Test
    func `proofs lead from a record to the signed checkpoint`() async throws {
        struct Inclusion: Decodable {
            var position: UInt64
            var size: UInt64
            var leaf: String
            var path: [String]
        }
        try await serving { (client, _) async throws in
            let gateway = try GatewayLog()
            try gateway.session(1)
            _ = try await post(client, gateway.bytes())
            let note = try await get(client, "/v1/checkpoint").text
            let checkpoint = try #require(SignedNote(note).flatMap { Checkpoint(text: $0.text) })
            let answer = try await get(
                client, "/v1/proofs/inclusion?gateway=clinic&sequence=3&size=\(checkpoint.size)")
            let proof = try JSONDecoder().decode(Inclusion.self, from: Data(answer.text.utf8))
            let line = try gateway.bytes().split(separator: 0x0a)[2]
            #expect(proof.leaf == MerkleTree.leaf(line).hexadecimal)
            #expect(
                MerkleTree.isIncluded(
                    MerkleTree.leaf(line), at: proof.position, size: proof.size,
                    path: proof.path.compactMap { Digest(hexadecimal: $0) }, root: checkpoint.root))
        }
    }
}
