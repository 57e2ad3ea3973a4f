package import ArgumentParser
import FoundationEssentials
import NIOCore
import Networking

/// `weirctl approvals`.
package struct ApprovalsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "approvals", abstract: "See which statements wait for approval, and decide about them.",
        discussion: """
            Statements that an ApprovalRule asks about wait until enough people whom the rule names have approved them. \
            What an approval allows, beyond the statement and for how long, is shown as its grant. Nobody approves what \
            they ask for themselves, unless the rule allows it; one denial is enough.

            What somebody ran at once, by a broken glass, awaits its review: approve says that it was right, deny that it \
            was not. weirctl sessions replay shows all that it was.

            In a cluster requests are read and decided as who the kubeconfig says. An operator without a cluster is asked \
            where --operator or WEIR_OPERATOR names it; it knows you by your token.

            Exit status: 0 when it is done, 1 when the operator said no or could not be asked, 64 for options that \
            cannot be used.
            """,
        subcommands: [
            ApprovalsListCommand.self, ApprovalsShowCommand.self, ApprovalsApproveCommand.self,
            ApprovalsDenyCommand.self,
        ],
        defaultSubcommand: ApprovalsListCommand.self)

    package init() {}
}

/// Who decides, and where.
struct ApproverOptions: ParsableArguments {
    @OptionGroup var place: OperatorOptions

    @Option(help: "File with your token, - for standard input; WEIR_TOKEN_FILE when left out.")
    var tokenFile: String?

    @Option(help: "Kubeconfig of the cluster; KUBECONFIG or ~/.kube/config when left out.")
    var kubeconfig: String?

    @Option(help: "Context of the kubeconfig, when not its current one.")
    var context: String?

    @Option(name: .shortAndLong, help: "Namespace of the requests; that of the context when left out.")
    var namespace: String?

    /// An operator without a cluster where one is named, a cluster otherwise.
    func register(ofAll: Bool = false) throws -> any ApprovalRegister {
        let environment = ProcessInfo.processInfo.environment
        let operatorIsKnown = environment["WEIR_OPERATOR"]?.isEmpty == false
        let forCluster = [
            kubeconfig.map { _ in "--kubeconfig" }, context.map { _ in "--context" },
            namespace.map { _ in "-n" }, ofAll ? "-A" : nil,
        ].compactMap(\.self)
        if place.url != nil, !forCluster.isEmpty {
            throw ValidationError(
                "an operator without a cluster (--operator) has no kubeconfig or namespaces")
        }
        if let kubeconfig, !FileManager.default.fileExists(atPath: kubeconfig) {
            throw ValidationError("--kubeconfig \(kubeconfig): no such file")
        }
        guard place.url != nil || forCluster.isEmpty && operatorIsKnown else {
            do {
                return try ClusterRegister(
                    kubeconfig: kubeconfig, context: context, namespace: namespace, ofAll: ofAll)
            } catch {
                guard operatorIsKnown else { throw error }
                throw ClusterFault(
                    reason: "\(error); \(forCluster[0]) asks a cluster although WEIR_OPERATOR is set")
            }
        }
        let file = tokenFile ?? environment["WEIR_TOKEN_FILE"] ?? ""
        guard !file.isEmpty else {
            throw ValidationError(
                "say who you are: --token-file FILE (or WEIR_TOKEN_FILE)"
                    + (place.url == nil
                        ? "; WEIR_OPERATOR is set: for a cluster give -n or --context" : ""))
        }
        let client = try place.client(on: EventLoops.start(count: 1).next())
        return LocalRegister(client: client, token: try SecretFile.token(in: file))
    }
}

/// `weirctl approvals list`.
package struct ApprovalsListCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List requests, those that expire first at the top.")

    @OptionGroup var approver: ApproverOptions

    @Flag(help: "Those that were decided or have expired, too.")
    var all = false

    @Flag(name: [.customShort("A"), .long], help: "Of all namespaces.")
    var allNamespaces = false

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    package init() {}

    package func run() async throws {
        var found = try await approver.register(ofAll: allNamespaces).all()
        if !all { found.items = found.items.filter(\.isOpen) }
        switch output {
        case .json: print(try JSONText.of(found), terminator: "")
        case .table: print(Self.table(found.items, namingNamespaces: allNamespaces), terminator: "")
        }
    }

    static func table(_ items: [ApprovalItem], namingNamespaces: Bool = false) -> String {
        let first = namingNamespaces ? ["NAMESPACE"] : []
        var table = Table(
            first + [
                "REQUEST", "PHASE", "APPROVALS", "REQUESTER", "RULE", "GRANT", "KIND", "STATEMENT",
                "EXPIRES",
            ])
        for it in items {
            let text = it.spec.statement.redactedText.split(whereSeparator: \.isWhitespace).joined(
                separator: " ")
            table.add(
                first.map { _ in it.metadata.namespace ?? "" } + [
                    it.metadata.name, it.phase, it.progress, it.spec.requester.name, it.spec.ruleRef.name,
                    it.spec.grant?.text ?? "", it.spec.statement.kind,
                    text.count > 60 ? text.prefix(59) + "…" : text, it.spec.expiresAt,
                ])
        }
        return table.text
    }
}

/// `weirctl approvals show`.
package struct ApprovalsShowCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one request: the statement, who asks, and what has been decided."
    )

    @OptionGroup var approver: ApproverOptions

    @Argument(help: "The request's name, as the client was told and the list shows.")
    var request: String

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    package init() {}

    package func run() async throws {
        let found = try await approver.register().request(request)
        switch output {
        case .json: print(try JSONText.of(found), terminator: "")
        case .table: print(found.description, terminator: "")
        }
    }
}

/// `weirctl approvals approve`.
package struct ApprovalsApproveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve a request: the statement runs once enough people have.")

    @OptionGroup var approver: ApproverOptions

    @Argument(help: "The request's name.")
    var request: String

    @Option(help: "Why, for the record, in one line: breaks and tabs become spaces. Some rules ask for it.")
    var reason = ""

    package init() {}

    package func run() async throws {
        try await decide("Approve", request, reason, by: approver)
    }
}

/// `weirctl approvals deny`.
package struct ApprovalsDenyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "deny", abstract: "Deny a request: the statement does not run, whoever has approved it.")

    @OptionGroup var approver: ApproverOptions

    @Argument(help: "The request's name.")
    var request: String

    @Option(help: "Why, as the client is told, in one line: breaks and tabs become spaces.")
    var reason = ""

    package init() {}

    package func run() async throws {
        try await decide("Deny", request, reason, by: approver)
    }
}

private func decide(
    _ verdict: String, _ request: String, _ reason: String, by approver: ApproverOptions
) async throws {
    let line = reason.split(whereSeparator: { $0.isNewline || $0 == "\t" }).joined(separator: " ")
    let decided = try await approver.register().decide(request, verdict: verdict, reason: line)
    print("\(TerminalText.escaped(decided.metadata.name)): \(decided.phase), \(decided.progress) approvals")
}
