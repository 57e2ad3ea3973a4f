import Cryptography
import Foundation

/// A certificate authority of the test's own and what it signed, made by the `openssl` command.
final class TestAuthority {
    let certificatePEM: [UInt8]
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "kubernetes-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.openssl(
            in: folder,
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout ca.key -out ca.pem -subj /CN=ca"
        )
        certificatePEM = try Array(Data(contentsOf: folder.appending(path: "ca.pem")))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A new key and its certificate for `names`, such as `DNS:kubernetes,IP:127.0.0.1`.
    func issue(names: String, subject: String = "leaf") throws -> TLSContext.Identity {
        let extensions = folder.appending(path: "\(subject).extensions")
        try "subjectAltName=\(names)".write(to: extensions, atomically: true, encoding: .utf8)
        try Self.openssl(
            in: folder,
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(subject).key -out \(subject).csr"
                + " -subj /CN=\(subject)")
        try Self.openssl(
            in: folder,
            "x509 -req -in \(subject).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
                + " -extfile \(subject).extensions -out \(subject).pem")
        return TLSContext.Identity(
            certificateChainPEM: try Array(Data(contentsOf: folder.appending(path: "\(subject).pem"))),
            privateKeyPEM: try Array(Data(contentsOf: folder.appending(path: "\(subject).key"))))
    }

    private static func openssl(in folder: URL, _ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLFailure(arguments: arguments) }
    }
}

struct OpenSSLFailure: Error {
    let arguments: String
}
