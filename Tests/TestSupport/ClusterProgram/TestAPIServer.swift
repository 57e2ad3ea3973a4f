import ArgumentParser
import ClusterServer
import Cryptography
import Foundation
import Logging

/// The API server for tests as a process; prints its port once it listens.
@main
struct TestAPIServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "test-api-server")

    @Option(help: "Address to listen on.") var address = "127.0.0.1"
    @Option(help: "PEM of the certificate, which names the address.") var certificate: String
    @Option(help: "PEM of its private key.") var privateKey: String
    @Option(help: "Bearer token of the administrator.") var token: String
    @Option(help: "Port; 0 for any that is free.") var port = 0
    @Option(help: "Milliseconds between two bookmarks of a watch.") var bookmarkInterval = 60_000

    func run() async throws {
        var logger = Logger(label: "test-api-server", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let server = ClusterServer(
            identity: .init(
                certificateChainPEM: try Array(Data(contentsOf: URL(filePath: certificate))),
                privateKeyPEM: try Array(Data(contentsOf: URL(filePath: privateKey)))),
            address: address, port: port, token: token, bookmarkInterval: .milliseconds(bookmarkInterval),
            logger: logger)
        try await server.run { port in
            FileHandle.standardOutput.write(Data("\(port)\n".utf8))
        }
    }
}
