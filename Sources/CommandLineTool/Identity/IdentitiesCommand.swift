package import ArgumentParser
import FoundationEssentials
import NIOCore
import Networking

/// `weirctl identities`.
package struct IdentitiesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "identities",
        abstract: "See who has used the database, and revoke identities everywhere.",
        discussion: """
            Who asks shows a token of the cluster for the audience weir, in a file:
              kubectl create token admin --audience weir > token && chmod 600 token
            and must be allowed to list, or to revoke, identities.weir.dev in the operator's namespace. Without a cluster \
            it is the token of a person whom weir-operator serve was told by --administrators.
            """,
        subcommands: [
            IdentitiesListCommand.self, IdentitiesRevokeCommand.self, IdentitiesRestoreCommand.self,
        ],
        defaultSubcommand: IdentitiesListCommand.self)

    package init() {}
}

/// Where the operator is, and how a person proves to be an administrator.
struct AdministratorOptions: ParsableArguments {
    @OptionGroup var place: OperatorOptions

    @Option(
        help:
            "File with a token of the cluster for the audience weir, - for standard input; WEIR_TOKEN_FILE when left out."
    )
    var tokenFile: String?

    func client() throws -> (OperatorClient, token: String) {
        let file = tokenFile ?? ProcessInfo.processInfo.environment["WEIR_TOKEN_FILE"] ?? ""
        guard !file.isEmpty else {
            throw ValidationError("say who you are: --token-file FILE (or WEIR_TOKEN_FILE)")
        }
        let client = try place.client(on: EventLoops.start(count: 1).next())
        return (client, try SecretFile.token(in: file))
    }
}

/// `weirctl identities list`.
package struct IdentitiesListCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List who has used what, when last, who answers for them, and what is revoked.")

    @OptionGroup var administrator: AdministratorOptions

    @Flag(help: "Only those unused for longer than their connection allows, and workloads of nobody's.")
    var stale = false

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    package init() {}

    package func run() async throws {
        let (client, token) = try administrator.client()
        var found = try await client.identities(token: token)
        if stale { found.identities = found.identities.filter { ["Stale", "Ownerless"].contains($0.state) } }
        switch output {
        case .json: print(try JSONText.of(found), terminator: "")
        case .table: print(Self.table(found), terminator: "")
        }
    }

    static func table(_ found: OperatorClient.Identities) -> String {
        var table = Table([
            "SUBJECT", "CONNECTION", "STATE", "OWNER", "LAST USE", "EXPIRES", "USES", "ISSUER",
        ])
        for it in found.identities {
            // A workload is nobody's issuer's, and has no token.
            let isWorkload = it.issuer.isEmpty
            let owner = it.owner.flatMap { $0.isEmpty ? nil : $0 }
            table.add([
                it.subject, it.connection, it.state, owner ?? (isWorkload ? "nobody" : "itself"),
                Self.time(it.lastUse), isWorkload ? "-" : Self.time(it.expiry), "\(it.grants)",
                isWorkload ? "-" : it.issuer,
            ])
        }
        guard !found.revocations.isEmpty else { return table.text }
        var revoked = Table(["REVOKED", "ISSUED BEFORE", "UNTIL", "SINCE", "BY", "REASON"])
        for it in found.revocations {
            revoked.add([
                it.target, it.issuedBefore.map(Self.time) ?? "-", it.until.map(Self.time) ?? "for good",
                it.time.map(Self.time) ?? "-", it.author ?? "", it.reason ?? "",
            ])
        }
        return table.text + "\n" + revoked.text
    }

    private static func time(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}

extension OperatorClient.Revocation {
    /// As a person reads it.
    fileprivate var target: String {
        if let subject { return "subject \(subject)" }
        if let token { return "token \(token)" }
        if let issuer { return "issuer \(issuer)" }
        return "everyone"
    }
}

/// Whom a revocation is about.
struct RevocationTarget: ParsableArguments {
    @Option(help: "A subject, as sessions name it.")
    var subject: String?

    @Option(help: "The identifier (jti) of a token or grant.")
    var token: String?

    @Option(help: "Everybody this issuer speaks for.")
    var issuer: String?

    @Flag(help: "Everybody; only with --issued-before.")
    var everyone = false

    func validate() throws {
        let count = [subject != nil, token != nil, issuer != nil, everyone].count { $0 }
        guard count == 1 else {
            throw ValidationError("give one of --subject, --token, --issuer and --everyone")
        }
    }

    var revocation: OperatorClient.Revocation {
        OperatorClient.Revocation(
            subject: subject, token: token, issuer: issuer, everyone: everyone ? true : nil)
    }
}

/// `weirctl identities revoke`.
package struct IdentitiesRevokeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke an identity: no new session, and running ones end within seconds.")

    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var target: RevocationTarget

    @Option(help: "Only what was issued before: 2026-11-23T12:00:00Z, or now.")
    var issuedBefore: String?

    @Option(help: "When this is over: 2026-11-23T12:00:00Z. (default: never)")
    var until: String?

    @Option(help: "Why, for the record.")
    var reason: String

    package init() {}

    package func validate() throws {
        guard !target.everyone || issuedBefore != nil else {
            throw ValidationError("--everyone needs --issued-before: it would shut everybody out for good")
        }
        _ = try Self.time(issuedBefore, "--issued-before")
        let now = Int64(Date().timeIntervalSince1970)
        if let until, let end = try Self.time(until, "--until"), end <= now {
            throw ValidationError("--until \(until) is not in the future: nothing would be revoked")
        }
    }

    package func run() async throws {
        let (client, token) = try administrator.client()
        var revocation = target.revocation
        revocation.reason = reason
        revocation.issuedBefore = try Self.time(issuedBefore, "--issued-before")
        revocation.until = try Self.time(until, "--until")
        try await client.revoke(revocation, token: token)
        print("revoked: \(TerminalText.escaped(revocation.target))")
    }

    private static func time(_ text: String?, _ option: String) throws -> Int64? {
        guard let text else { return nil }
        if text == "now" { return Int64(Date().timeIntervalSince1970) }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw ValidationError("\(option) \(text) is no time in UTC, such as 2026-11-23T12:00:00Z")
        }
        return Int64(date.timeIntervalSince1970)
    }
}

/// `weirctl identities restore`.
package struct IdentitiesRestoreCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Take back every revocation of a target, and vouch for a subject unused for too long.")

    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var target: RevocationTarget

    package init() {}

    package func run() async throws {
        let (client, token) = try administrator.client()
        let wasRevoked = try await client.restore(target.revocation, token: token)
        let name = TerminalText.escaped(target.revocation.target)
        if wasRevoked {
            print("restored: \(name)")
        } else {
            print("nothing was revoked: \(name)")
            guard target.subject != nil else { return }
            StandardError.line("if it was unused for too long, it counts as used now")
        }
    }
}
