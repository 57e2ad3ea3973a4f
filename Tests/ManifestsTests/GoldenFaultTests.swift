import API
import Foundation
import Testing

@testable import Manifests

struct GoldenFaultTests {
    private let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    @Test
    func `every fault of a file is told at once, by line and field`() throws {
        let text = try Data(contentsOf: folder.appending(path: "faulty.yaml"))
        let told = faults(in: [ManifestFile(path: "faulty.yaml", bytes: Array(text))]).joined(separator: "\n")
        let golden = folder.appending(path: "faulty.txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data((told + "\n").utf8).write(to: golden)
        }
        let expected = try String(contentsOf: golden, encoding: .utf8)
        #expect(told + "\n" == expected)
    }
}

/// What reading the files tells; empty when they are right.
func faults(in files: [ManifestFile], namespace: String? = nil) -> [String] {
    do {
        _ = try ManifestSet.read(files, namespace: namespace)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

/// What reading one file tells.
func faults(in text: String) -> [String] {
    faults(in: [ManifestFile(path: "f.yaml", bytes: Array(text.utf8))])
}
