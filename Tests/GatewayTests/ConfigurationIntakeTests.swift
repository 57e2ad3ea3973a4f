import API
import Dispatch
import Foundation
import LogCapture
import Logging
import Manifests
import NIOCore
import Networking
import Testing

@testable import Gateway

/// What is in force after a configuration came that cannot be, and after the next one. Clients are expected at sockets.
@Suite(.timeLimit(.minutes(5)))
struct ConfigurationIntakeTests {
    private let folder: String
    private let loop = EventLoops.start(count: 1).next()
    private let log = CapturedLog()

    init() throws {
        // An address has 107 bytes.
        folder = "/tmp/weir-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    // MARK: - The parts

    private func path(_ socket: String) -> String { "\(folder)/\(socket)" }

    /// Connections, each with the socket it is expected at.
    private func manifests(
        _ sockets: KeyValuePairs<String, String>, permissions: String = "0777", isMasked: Bool = false
    ) throws -> ManifestSet {
        var documents = sockets.enumerated().map { index, pair in
            """
            apiVersion: weir.dev/v1alpha1
            kind: DatabaseConnection
            metadata: {name: \(pair.key), namespace: clinic}
            spec:
              protocol: postgres
              upstream: {host: db}
              credentials: {type: SecretRef, secretRef: {name: clinic-db}}
              podSelector: {matchLabels: {app: api}}
              listen:
                port: \(5432 + index)
                unixSocketPath: \(path(pair.value))
                unixSocketPermissions: '\(permissions)'
            """
        }
        if isMasked {
            documents.append(
                """
                apiVersion: weir.dev/v1alpha1
                kind: MaskingPolicy
                metadata: {name: names, namespace: clinic}
                spec:
                  targets: {connectionNames: [\(sockets[0].key)]}
                  rules:
                  - name: names
                    match: {schemas: [public], tables: [people], columns: [name]}
                    action: {type: Redact}
                """)
        }
        let file = ManifestFile(
            path: "test.yaml", bytes: Array(documents.joined(separator: "\n---\n").utf8))
        return try ManifestSet.read([file], namespace: "clinic")
    }

    /// A gateway without TCP, and what puts configurations in force there, once it has begun with the first one. An
    /// operator was last heard of 200 seconds ago.
    private func begun(
        with first: ManifestSet, hasOperator: Bool, keeping data: String? = nil
    ) async throws -> (intake: ConfigurationIntake, serving: NIOLoopBound<Serving>) {
        let operatorAddress = GatewayConfiguration.ControlPlane(
            url: "https://localhost:1", certificateAuthorities: "", token: "")
        let configuration = GatewayConfiguration(
            manifests: folder, namespace: "clinic", secrets: folder, data: folder, sink: "", name: "test",
            listenAddresses: [], clientTLS: nil, requiresTLS: false, users: "people", userGroups: [:],
            workload: nil, logLevel: .info, controlPlane: hasOperator ? operatorAddress : nil)
        let (loop, logger) = (loop, log.logger)
        let serving = try await loop.submit {
            let serving = try Serving(configuration, bufferByteCount: 1 << 20, logger: logger, on: loop)
            return NIOLoopBound(serving, eventLoop: loop)
        }.get()
        let precedence = ConfigurationPrecedence(
            startingWith: first, hasOperator: hasOperator, at: .now - .seconds(200))
        let intake = ConfigurationIntake(
            precedence, keeping: KeptConfiguration(data: data ?? folder), serving, on: loop, logger: logger)
        try await intake.begin()
        return (intake, serving)
    }

    private func inForce(_ serving: NIOLoopBound<Serving>) async throws -> ManifestSet? {
        try await loop.submit { serving.value.manifests }.get()
    }

    private func take(_ socket: String) async throws -> any Channel {
        try await Listener.bind(.unix(path: path(socket)), on: loop) { _ in }
    }

    private func isListenedAt(_ socket: String) async -> Bool {
        let endpoint = Endpoint.unix(path: path(socket))
        let client = try? await Connector.connect(to: endpoint, on: loop, timeout: .minutes(1)) { _ in }.get()
        try? await client?.close()
        return client != nil
    }

    // MARK: - What is refused

    @Test(arguments: [true, false])
    func `a configuration whose place is taken changes nothing, and the next one is applied`(
        isStreamed: Bool
    ) async throws {
        let masked = try manifests(["main": "main"], isMasked: true)
        let refused = try manifests(["main": "moved", "other": "taken"])
        let (intake, serving) = try await begun(with: masked, hasOperator: isStreamed)
        if isStreamed { await intake.streamConnected() }
        /// - Returns: whether it is in force.
        func put(_ manifests: ManifestSet) async throws -> Bool {
            if isStreamed {
                let faults = await intake.streamed(.success(manifests))
                #expect(try await faults.isEmpty == (inForce(serving) == manifests))
            } else {
                await intake.folderChanged(.success(manifests))
            }
            return try await inForce(serving) == manifests
        }
        let taken = try await take("taken")
        #expect(try await put(masked))
        for _ in 1...2 {
            #expect(try await !put(refused))
            #expect(try await inForce(serving) == masked)
            #expect(await isListenedAt("main"))
            #expect(await !isListenedAt("moved"))
            #expect(try await put(masked))
        }
        let missing = try await loop.submit { serving.value.missingListenerCount }.get()
        #expect(missing == 0)
        try await taken.close()
        #expect(try await put(refused))
        #expect(await isListenedAt("moved"))
        #expect(await isListenedAt("taken"))
        #expect(await !isListenedAt("main"))
    }

    @Test func `what comes while another is put in force is judged after it`() async throws {
        let (wanted, snapshot) = (try manifests(["main": "main"]), try manifests(["main": "moved"]))
        let (intake, serving) = try await begun(with: wanted, hasOperator: true)
        let gate = DispatchSemaphore(value: 0)
        loop.execute { gate.wait() }
        let first = Task { await intake.folderChanged(.success(snapshot)) }
        while await !intake.isBusy { await Task.yield() }
        let second = Task { await intake.streamed(.success(wanted)) }
        for _ in 1...100 { await Task.yield() }
        gate.signal()
        await first.value
        #expect(await second.value.isEmpty)
        #expect(try await inForce(serving) == wanted)
    }

    @Test func `a snapshot that cannot be in force is tried until it can, and told of once`() async throws {
        let snapshot = try manifests(["main": "taken"])
        let (intake, serving) = try await begun(with: try manifests(["main": "main"]), hasOperator: true)
        let taken = try await take("taken")
        await intake.folderChanged(.success(snapshot))
        for _ in 1...3 { await intake.timePassed() }
        #expect(log.count(.error) == 1)
        try await taken.close()
        await intake.timePassed()
        #expect(try await inForce(serving) == snapshot)
    }

    @Test func `what the operator sends again is tried again, and a same refusal told once`() async throws {
        let wanted = try manifests(["main": "taken"])
        let (intake, serving) = try await begun(with: try manifests(["main": "main"]), hasOperator: true)
        await intake.streamConnected()
        let taken = try await take("taken")
        for _ in 1...3 { #expect(await !intake.streamed(.success(wanted)).isEmpty) }
        #expect(log.count(.error) == 1)
        try await taken.close()
        #expect(await intake.streamed(.success(wanted)).isEmpty)
        #expect(try await inForce(serving) == wanted)
    }

    @Test func `a folder without an operator is tried again, and a same refusal told once`() async throws {
        let wanted = try manifests(["main": "taken"])
        let (intake, serving) = try await begun(with: try manifests(["main": "main"]), hasOperator: false)
        let taken = try await take("taken")
        await intake.folderChanged(.success(wanted))
        for _ in 1...3 { await intake.timePassed() }
        #expect(log.count(.error) == 1)
        try await taken.close()
        await intake.timePassed()
        #expect(try await inForce(serving) == wanted)
    }

    @Test func `a data folder that takes no file is told of once, until it takes one`() async throws {
        let manifests = try manifests(["main": "main"])
        let data = path("data")
        let (intake, _) = try await begun(with: manifests, hasOperator: true, keeping: data)
        await intake.streamConnected()
        #expect(await intake.streamed(.success(manifests)).isEmpty)
        for _ in 1...3 { await intake.timePassed() }
        #expect(log.count(.error) == 1)
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        await intake.timePassed()
        #expect(FileManager.default.fileExists(atPath: "\(data)/configuration"))
        // Another is written at once.
        try FileManager.default.removeItem(atPath: data)
        let others = try self.manifests(["main": "main"], isMasked: true)
        #expect(await intake.streamed(.success(others)).isEmpty)
        await intake.timePassed()
        #expect(log.count(.error) == 2)
    }

    @Test func `missing credentials are told with each configuration, and refuse none`() async throws {
        let (intake, serving) = try await begun(with: try manifests(["main": "main"]), hasOperator: false)
        let told = { log.messages.count { $0 == "warning no log-in to the database is possible yet" } }
        #expect(told() == 2)
        #expect(await isListenedAt("main"))
        try FileManager.default.createDirectory(
            atPath: path("clinic-db"), withIntermediateDirectories: true)
        try "weir".write(toFile: path("clinic-db/username"), atomically: false, encoding: .utf8)
        await intake.folderChanged(.success(try manifests(["main": "moved"])))
        #expect(told() == 3)
        try "s3cret".write(toFile: path("clinic-db/password"), atomically: false, encoding: .utf8)
        let last = try manifests(["main": "main"])
        await intake.folderChanged(.success(last))
        #expect(told() == 3)
        #expect(try await inForce(serving) == last)
    }

    // MARK: - Places that stay

    @Test func `sockets change hands and permissions without being closed`() async throws {
        let before = try manifests(["one": "a", "two": "b"])
        let (intake, serving) = try await begun(with: before, hasOperator: false)
        let number = try fileNumber("a")
        await intake.folderChanged(
            .success(try manifests(["two": "a", "one": "b"], permissions: "0700")))
        #expect(try fileNumber("a") == number)
        let attributes = try FileManager.default.attributesOfItem(atPath: path("a"))
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        let client = try await Connector.connect(
            to: .unix(path: path("a")), on: loop, timeout: .minutes(1)
        ) { _ in }.get()
        var counts: [Int?] = []
        while counts.first != 1 {
            counts = try await loop.submit {
                ["clinic/two", "clinic/one"].map { serving.value.services[$0]?.sessionCount }
            }.get()
        }
        #expect(counts == [1, 0])
        try await client.close()
    }

    private func fileNumber(_ socket: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(socket))[.systemFileNumber] as? Int
    }

    @Test func `once nobody is to come any more, no configuration opens a place`() async throws {
        let (intake, serving) = try await begun(with: try manifests(["main": "main"]), hasOperator: false)
        try await loop.submit { serving.value.stopListening() }.get()
        let moved = try manifests(["main": "moved"])
        await intake.folderChanged(.success(moved))
        #expect(try await inForce(serving) == moved)
        #expect(await !isListenedAt("main"))
        #expect(await !isListenedAt("moved"))
    }
}
