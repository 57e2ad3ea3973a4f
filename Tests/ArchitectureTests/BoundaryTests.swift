import Foundation
import Testing

/// Which modules each target may import; the reasons are in `ARCHITECTURE.md`.
private let allowed: [String: Set<String>] = [
    "API": ["FoundationEssentials"],
    "Cryptography": ["COpenSSL"],
    "Networking": ["Cryptography", "NIOCore", "NIOHTTP1", "NIOPosix"],
    "WireProtocols": ["Cryptography"],
    "StatementAnalysis": ["CPgQuery"],
    "Policy": ["API", "StatementAnalysis"],
    "Masking": ["API", "Cryptography"],
    "Session": ["API", "Cryptography", "Masking", "Policy", "StatementAnalysis", "WireProtocols"],
    "Audit": ["API", "Cryptography", "FoundationEssentials"],
    "Shipping": ["Audit", "Logging", "NIOCore", "Networking"],
    "Identity": ["API", "Cryptography", "Kubernetes"],
    "Gateway": [
        "API", "Audit", "CMalloc", "Cryptography", "Identity", "Kubernetes", "Logging",
        "Manifests", "Masking", "NIOCore", "Networking", "Session", "Shipping", "Telemetry",
        "WireProtocols",
    ],
    "AuditSink": [
        "API", "Audit", "CSQLite", "Cryptography", "FoundationEssentials", "Hummingbird", "HummingbirdCore",
        "Logging", "NIOCore", "Networking", "SecureServing", "Telemetry",
    ],
    "Kubernetes": ["FoundationEssentials"],
    "KubernetesClient": ["API", "CCurl", "Dispatch", "FoundationEssentials", "Kubernetes", "YAML"],
    "Manifests": ["API", "Cryptography", "FoundationEssentials", "YAML"],
    "Admission": ["API", "Cryptography", "Kubernetes"],
    "Operator": [
        "API", "Admission", "Audit", "Cryptography", "FoundationEssentials", "Hummingbird", "HummingbirdCore",
        "Identity",
        "Kubernetes", "Logging", "Manifests", "NIOCore", "NIOHTTP1", "Networking", "Policy", "SAML",
        "SecureServing", "Shipping",
    ],
    "CXMLSec": [],
    "SAML": ["CXML", "CXMLSec", "Cryptography", "Kubernetes"],
    "SecureServing": ["Cryptography", "HummingbirdCore", "Logging", "NIOCore", "Networking"],
    "Telemetry": ["CProcess", "Dispatch", "Logging"],
    "YAML": ["API", "CYAML"],
    "CommandLineTool": [
        "API", "ArgumentParser", "Audit", "AuditSink", "Cryptography", "FoundationEssentials", "Gateway",
        "Kubernetes", "KubernetesClient", "Manifests", "Masking", "NIOCore", "Networking", "Session",
        "Telemetry", "WireProtocols",
    ],
    "weir-gateway": ["ArgumentParser", "Gateway", "Logging", "Telemetry"],
    "weir-audit-sink": ["ArgumentParser", "AuditSink", "Logging", "Networking", "Telemetry"],
    "weir-operator": [
        "Admission", "ArgumentParser", "Cryptography", "Kubernetes", "KubernetesClient", "Logging",
        "Operator",
        "Telemetry",
    ],
    "weirctl": ["ArgumentParser", "CommandLineTool"],
]

/// The standard library's own modules, open to all.
private let standard: Set = ["Synchronization"]

/// The C library, for file descriptors and memory maps, is open to these targets alone.
private let systemCallers: Set = [
    "Audit", "AuditSink", "CommandLineTool", "Gateway", "KubernetesClient", "Manifests", "Networking",
    "StatementAnalysis",
    "Telemetry",
    "Operator", "weir-gateway", "weir-operator",
]

struct BoundaryTests {
    private let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func `every target imports only what its boundary allows`() throws {
        for target in try targets() {
            let permitted = try #require(allowed[target], "\(target) is not in the boundary table")
            for (file, module) in try imports(of: target) where !permitted.union(standard).contains(module) {
                let isSystem = module == "Glibc" && systemCallers.contains(target)
                #expect(isSystem, "\(file) imports \(module)")
            }
        }
    }

    @Test func `every row of the table is a target`() throws {
        #expect(Set(allowed.keys) == Set(try targets()))
    }

    @Test func `nothing is public`() throws {
        for target in try targets() {
            for file in try swiftFiles(of: target) {
                let text = try String(contentsOf: file, encoding: .utf8)
                let declares = text.split(separator: "\n").contains {
                    $0.trimmingCharacters(in: .whitespaces).hasPrefix("public ")
                }
                #expect(!declares, "\(file.lastPathComponent) declares something public")
            }
        }
    }

    private func targets() throws -> [String] {
        let sources = root.appending(path: "Sources")
        return try FileManager.default.contentsOfDirectory(atPath: sources.path).filter { target in
            !FileManager.default.fileExists(
                atPath: sources.appending(path: "\(target)/module.modulemap").path)
        }
    }

    private func swiftFiles(of target: String) throws -> [URL] {
        let folder = root.appending(path: "Sources/\(target)")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    private func imports(of target: String) throws -> [(file: String, module: String)] {
        try swiftFiles(of: target).flatMap { file in
            try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
                var words = line.split(separator: " ")
                if let first = words.first, ["package", "internal", "private"].contains(first) {
                    words.removeFirst()
                }
                guard words.first == "import", let module = words.last else { return nil }
                return ("\(target)/\(file.lastPathComponent)", String(module.split(separator: ".")[0]))
            }
        }
    }
}
