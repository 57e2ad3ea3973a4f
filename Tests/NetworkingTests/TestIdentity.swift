import Cryptography
import Foundation

/// A self-signed certificate for `localhost` and `127.0.0.1`, made by the `openssl` command.
enum TestIdentity {
    static func make() throws -> TLSContext.Identity {
        let folder = FileManager.default.temporaryDirectory.appending(path: "identity-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
            "key",
            "-out", "certificate",
        ]
        try process.run()
        process.waitUntilExit()
        return TLSContext.Identity(
            certificateChainPEM: try Array(Data(contentsOf: folder.appending(path: "certificate"))),
            privateKeyPEM: try Array(Data(contentsOf: folder.appending(path: "key"))))
    }
}
