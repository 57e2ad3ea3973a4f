import API
package import ArgumentParser
import Audit
import FoundationEssentials
import Gateway
import Manifests
import NIOCore
import Networking
import Session
import Telemetry

/// `weirctl self-test run`.
package struct SelfTestRunCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Play the attacks and tell which held.",
        discussion: """
            The administrator makes a schema weir_self_test in the connection's database and removes it at the end; \
            where it exists, nothing is done. Every attack is first played around the gateway, with the gateway's own \
            credential: one that does not work there is not applicable. Nothing outside of the schema is read or \
            changed.

            Exit status: 0 when nothing leaked, 2 when something did, 1 when the test could not be run, 64 for \
            options that cannot be used.
            """)

    @OptionGroup var target: ConnectionOptions
    @OptionGroup var gateway: GatewayOptions

    @Option(help: "A role of the database that may create a schema, grant on it, and read it: a superuser.")
    var adminUser: String

    @Option(help: "File with its password; none where the database asks for none.")
    var adminPasswordFile: String?

    @Option(
        name: .customLong("class"),
        help:
            "Only this class of attacks: \(Attack.Class.allValueStrings.joined(separator: ", ")). May be repeated."
    )
    var classes: [Attack.Class] = []

    @Option(help: "Write the signed report to this file, which must not exist yet.")
    var report: String?

    @Option(help: "File of the key that signs, made where there is none; self-test.key beside the report.")
    var signingKey: String?

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    /// Of every session: what is not named by its schema is the scratch schema's, and nothing waits for long.
    private static let parameters = [
        (
            "options",
            "-c search_path=\(ScratchSchema.name) -c statement_timeout=10s -c client_min_messages=notice"
        )
    ]

    package init() {}

    package func validate() throws {
        if let report, FileManager.default.fileExists(atPath: report) {
            throw ValidationError("--report \(report): it exists")
        }
    }

    package func run() async throws {
        let target = try self.target.target()
        let loop = EventLoops.start(count: 1).next()
        let place = try gateway.place(database: target.database, parameters: Self.parameters, on: loop)
        let login = UpstreamSession.Login(
            user: Array(adminUser.utf8), password: try adminPasswordFile.map(TextFile.line))
        let administrator = try self.target.session(with: target, as: .administrator, login: login, on: loop)
        defer { administrator.close() }
        try await administrator.open()
        guard try await !ScratchSchema.exists(for: administrator) else { throw SelfTestFault.schemaExists }
        let report: SelfTestReport
        do {
            report = try await test(target, place, administrator)
        } catch {
            try? await ScratchSchema.remove(by: administrator)
            throw error
        }
        try await ScratchSchema.remove(by: administrator)
        try write(report)
        print(try output == .json ? JSONText.of(report) : report.text, terminator: "")
        if report.count(.leaked) > 0 { throw ExitCode(2) }
    }

    private func test(
        _ target: ConnectionOptions.Target, _ place: GatewayOptions.Place, _ administrator: UpstreamSession
    ) async throws -> SelfTestReport {
        let began = Date.now
        let loop = place.loop
        let subject = Subject(name: gateway.user, groups: [], proof: .gatewayUser)
        let open = { () async throws -> UpstreamSession in
            let session = try self.target.session(
                with: target, as: subject, parameters: Self.parameters, on: loop)
            try await session.open()
            return session
        }
        let judge = try await open()
        defer { judge.close() }
        let role = judge.role?.role ?? ""
        let canary = try Canary()
        try await ScratchSchema.make(with: canary, for: role, by: administrator)
        try await checkManifests(judge, target)
        // Where even this leaks, the gateway asked has other manifests, or serves another connection.
        let plain = try await AttackPlay(Attack.plain, by: .simple, on: place.session())
        guard plain.finds(canary) == nil else { throw SelfTestFault.notInForce }
        let test = SelfTest(
            administrator: administrator, canary: canary, role: role,
            around: { try await open().takeChannel() }, through: { try await place.session() })
        let attacks = Attack.all.filter { classes.isEmpty || classes.contains($0.class) }
        let outcomes = try await test.outcomes(of: attacks)
        return SelfTestReport(
            time: began.ISO8601Format(), weirctlVersion: Release.version,
            serverVersion: try await administrator.rows(of: "SHOW server_version").first?.first.flatMap(
                \.self) ?? "",
            connection: target.connection.metadata.qualifiedName, database: target.database,
            gateway: gateway.gateway, user: gateway.user, role: role, revision: target.manifests.revision,
            outcomes: outcomes)
    }

    /// Under the manifests given, the user must not see what the schema holds.
    private func checkManifests(_ judge: UpstreamSession, _ target: ConnectionOptions.Target) async throws {
        let statements =
            "SELECT fullname FROM \(ScratchSchema.name).people; DROP TABLE \(ScratchSchema.name).rooms"
        let verdicts = try await judge.explain(Array(statements.utf8)).map(\.verdict)
        guard verdicts == [.mask, .refuse] else {
            throw SelfTestFault.notGoverned(connection: target.connection.metadata.name)
        }
    }

    private func write(_ result: SelfTestReport) throws {
        guard let report else { return }
        let folder = report.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        let place = folder.isEmpty ? "." : folder
        let path = signingKey ?? "\(place)/self-test.key"
        let key = try SigningKeyFile.loadOrCreate(path, in: place)
        let stem = path.hasSuffix(".key") ? String(path.dropLast(4)) : path
        try SigningKeyFile.publish(key, name: SignedReport.signer, to: stem + ".pub")
        try OutputFile(report).write(SignedReport.sign(result, with: key))
    }
}
