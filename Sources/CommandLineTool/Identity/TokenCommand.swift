package import ArgumentParser
import FoundationEssentials
import NIOCore
import Networking

/// `weirctl token`.
package struct TokenCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Exchange an OIDC token for a grant: a password for one connection.",
        discussion: """
            The grant is good for an hour at most, for this connection only, and the sessions it opens end with it. It \
            is printed, unless --pgpass FILE puts it into a file as libpq reads it (PGPASSFILE), for its owner alone.

            In a CI job:
              weirctl token --connection clinic/main --pgpass "$PGPASSFILE" \\
                --host db.example --port 15432

            Exit status: 0 with a grant, 1 without, 64 for wrong options.
            """)

    @OptionGroup var place: OperatorOptions
    @OptionGroup var token: TokenOptions

    @Option(help: "The DatabaseConnection: NAMESPACE/NAME.", transform: QualifiedName.checked)
    var connection: String

    @Option(help: "How long the grant is to be good, in seconds, up to 3600. (default: 3600)")
    var lifetime: Int?

    @Option(help: "File to put the grant into, in libpq's format. (default: print it)")
    var pgpass: String?

    @Option(help: "Host of the gateway, for --pgpass; * is any.")
    var host = "*"

    @Option(help: "Port of the gateway, for --pgpass; * is any.")
    var port = "*"

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    package init() {}

    private struct Report: Encodable {
        var connection: String
        var subject: String
        var expiresIn: Int
        var grant: String?
        var file: String?
    }

    package func validate() throws {
        if let lifetime, !(1...3600).contains(lifetime) {
            throw ValidationError("--lifetime \(lifetime) is not from 1 to 3600")
        }
        guard port == "*" || UInt16(port).map({ $0 > 0 }) == true else {
            throw ValidationError("--port \(port) is neither * nor from 1 to 65535")
        }
    }

    package func run() async throws {
        let loop = EventLoops.start(count: 1).next()
        let grant = try await place.client(on: loop).grant(
            for: token.token(on: loop), connection: connection, lifetime: lifetime)
        if let pgpass {
            try PasswordFile(host: host, port: port, password: grant.accessToken).write(to: pgpass)
        }
        switch output {
        case .json:
            print(
                try JSONText.of(
                    Report(
                        connection: connection, subject: grant.subject, expiresIn: grant.expiresIn,
                        grant: pgpass == nil ? grant.accessToken : nil, file: pgpass)), terminator: "")
        case .table where pgpass == nil: print(grant.accessToken)
        case .table:
            print("\(TerminalText.escaped(grant.subject)): \(pgpass ?? "") is good for \(grant.expiresIn) s")
        }
    }
}

/// A line of the file that libpq takes passwords from (documentation, "The Password File").
struct PasswordFile {
    var host: String
    var port: String
    var password: String

    var line: String {
        [host, port, "*", "*", password].map { field in
            field == "*" ? field : field.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
        }.joined(separator: ":") + "\n"
    }

    func write(to path: String) throws(IdentityFault) { try SecretFile(path: path).write(Array(line.utf8)) }
}
