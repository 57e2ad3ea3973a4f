package import ArgumentParser
import FoundationEssentials
import Glibc
import NIOCore
import Networking
import Telemetry

/// `weirctl connect`.
package struct ConnectCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "Run a PostgreSQL client as who you are logged in.",
        discussion: """
              weirctl connect clinic/main --host db.example --port 15432 \\
                --database clinic -- psql

            The program finds PGHOST, PGPORT, PGDATABASE, PGUSER, PGSSLMODE and PGPASSFILE; the grant is in that file, \
            for its owner alone, and gone when the program ends. SIGTERM and SIGHUP are passed on to it. \
            Its exit status is this command's.
            """)

    /// How the names of files with grants begin, before the number of the process that made them.
    private static let filePrefix = "pgpass-"

    @OptionGroup var place: OperatorOptions
    @OptionGroup var token: TokenOptions

    @Argument(help: "The DatabaseConnection: NAMESPACE/NAME.", transform: QualifiedName.checked)
    var connection: String

    @Option(help: "Host of the gateway, such as the bastion's; PGHOST when left out.")
    var host: String?

    @Option(help: "Port of the gateway; PGPORT when left out. (default: 15432)")
    var port: Int?

    @Option(help: "Database; PGDATABASE when left out.")
    var database: String?

    @Option(help: "User name to show in the database's sessions. (default: yours, as the token names you)")
    var user: String?

    @Argument(parsing: .postTerminator, help: "The program and its arguments. (default: psql)")
    var command: [String] = []

    package init() {}

    package func validate() throws {
        if let port, !(1...65_535).contains(port) {
            throw ValidationError("--port \(port) is not from 1 to 65535")
        }
    }

    package func run() async throws {
        let loop = EventLoops.start(count: 1).next()
        let grant = try await place.client(on: loop).grant(
            for: token.token(on: loop), connection: connection, lifetime: nil)
        var environment = ProcessInfo.processInfo.environment
        let folder = try PersonalFolder.path(environment)
        Self.removeLeftovers(in: folder)
        Self.outliveSignals()
        let file = SecretFile(path: "\(folder)/\(Self.filePrefix)\(getpid())")
        try file.write(Array(PasswordFile(host: "*", port: "*", password: grant.accessToken).line.utf8))
        defer { file.remove() }
        for name in ["PGPASSWORD", "WEIR_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"] { environment[name] = nil }
        environment["PGPASSFILE"] = file.path
        if let host { environment["PGHOST"] = host }
        environment["PGPORT"] = port.map { "\($0)" } ?? environment["PGPORT"] ?? "15432"
        if let database { environment["PGDATABASE"] = database }
        environment["PGUSER"] = user ?? grant.subject
        let isHere = ["localhost", "127.0.0.1", "::1"].contains(environment["PGHOST"] ?? "localhost")
        if environment["PGSSLMODE"] == nil { environment["PGSSLMODE"] = isHere ? "prefer" : "verify-full" }
        let status = try Self.execute(command.isEmpty ? ["psql"] : command, environment)
        file.remove()
        throw ExitCode(status)
    }

    /// Removes the files of commands that were killed.
    private static func removeLeftovers(in folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(filePrefix) {
            let number = name.dropFirst(filePrefix.count).prefix { $0.isNumber }
            guard let process = pid_t(number), process > 0, kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            SecretFile(path: "\(folder)/\(name)").remove()
        }
    }

    /// None leaves the file behind: the program decides what becomes of them.
    private static func outliveSignals() {
        signal(SIGINT, SIG_IGN)
        signal(SIGQUIT, SIG_IGN)
        PassedOnSignals.hold()
    }

    /// Runs it in the foreground, with this process' terminal, and returns its status.
    private static func execute(_ command: [String], _ environment: [String: String]) throws -> Int32 {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGQUIT)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        // Threads that run tasks block all signals, and the program would begin so.
        var mask = sigset_t()
        unsafe sigemptyset(&mask)
        unsafe posix_spawnattr_setsigmask(&attributes, &mask)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
        defer { for index in unsafe variables.indices { unsafe free(variables[index]) } }
        var child = pid_t()
        guard unsafe posix_spawnp(&child, command[0], nil, &attributes, &arguments, &variables) == 0 else {
            throw IdentityFault.notStarted(command[0])
        }
        PassedOnSignals.pass(to: child)
        defer { PassedOnSignals.end() }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        let isExit = status & 0x7F == 0
        return isExit ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}
