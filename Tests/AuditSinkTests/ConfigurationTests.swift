import AuditSink
import FoundationEssentials
import TemporaryFiles
import Testing

struct ConfigurationTests {
    private func configure(trustedKeys: String) throws {
        _ = try AuditSinkServer.Configuration(
            folder: "data", listen: "127.0.0.1:0", trustedKeys: trustedKeys, tokenFile: nil)
    }

    @Test
    func `trusted keys are in a folder that is there`() throws {
        let folder = try TemporaryFolder()
        try configure(trustedKeys: folder.path)
        let file = folder.path + "/clinic.pub"
        try Data("clinic+…\n".utf8).write(to: URL(filePath: file))
        for path in ["/nonexistent", file, ""] {
            #expect(throws: ConfigurationFault.trustedKeys(path)) { try configure(trustedKeys: path) }
        }
    }
}
