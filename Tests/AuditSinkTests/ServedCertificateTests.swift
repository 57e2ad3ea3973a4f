import Cryptography
import FoundationEssentials
import LogCapture
import TemporaryFiles
import Testing

@testable import AuditSink

/// Files that are not there yet, are none, and are renewed.
struct ServedCertificateTests {
    private let folder: TemporaryFolder
    private let authority: CertificateAuthority
    private let log = CapturedLog()
    private let served: ServedCertificate

    init() throws {
        folder = try TemporaryFolder()
        authority = try CertificateAuthority.make(commonName: "test", validity: Self.validity)
        served = ServedCertificate(
            CertificateFiles(
                certificate: folder.path + "/tls.crt", key: folder.path + "/tls.key"), logger: log.logger)
    }

    private static var validity: CertificateAuthority.Validity {
        let now = Int64(Date().timeIntervalSince1970)
        return now - 60...now + 3600
    }

    private func write(_ content: [UInt8], to name: String) throws {
        try Data(content).write(to: URL(filePath: folder.path + "/" + name))
    }

    private func renew() throws {
        let identity = try authority.issue(names: ["localhost"], validity: Self.validity)
        try write(identity.certificateChainPEM, to: "tls.crt")
        try write(identity.privateKeyPEM, to: "tls.key")
    }

    private var isServed: Bool { (try? served.current()) != nil }

    private var facts: String { "certificate=\(folder.path)/tls.crt key=\(folder.path)/tls.key" }

    @Test
    func `files that are missing are waited for, and that is told once`() throws {
        for _ in 0..<3 { #expect(!isServed) }
        #expect(
            log.take() == [
                "warning nobody can connect until the certificate can be used \(facts) "
                    + "reason=\(folder.path)/tls.crt: No such file or directory"
            ])
        try renew()
        for _ in 0..<3 { #expect(isServed) }
        #expect(log.take() == ["notice the certificate is in use \(facts)"])
    }

    @Test
    func `another reason is told, too`() throws {
        #expect(!isServed)
        try write(Array("no certificate".utf8), to: "tls.crt")
        #expect(!isServed)
        try write(Array("no key".utf8), to: "tls.key")
        for _ in 0..<2 { #expect(!isServed) }
        let told = log.take()
        try #require(told.count == 3)
        #expect(told[0].contains("tls.crt: No such file") && told[1].contains("tls.key: No such file"))
        #expect(told[2].contains("reason=certificate"))
    }

    @Test
    func `a renewed certificate that is none is told, and the one before it stays`() throws {
        try renew()
        #expect(isServed)
        let first = try served.current()
        #expect(log.take() == ["notice the certificate is in use \(facts)"])
        try write(Array("no certificate".utf8), to: "tls.crt")
        for _ in 0..<3 { #expect(try served.current() === first) }
        let told = log.take()
        try #require(told.count == 1)
        #expect(told[0].hasPrefix("warning the certificate cannot be used; the one before it stays"))
        try renew()
        #expect(try served.current() !== first)
        #expect(log.take() == ["notice the certificate is in use \(facts)"])
    }

    @Test
    func `a key of another certificate is told`() throws {
        try renew()
        let other = try authority.issue(names: ["localhost"], validity: Self.validity)
        try write(other.privateKeyPEM, to: "tls.key")
        #expect(!isServed)
        #expect(log.take().first?.contains("reason=private key") == true)
    }
}
