import Foundation
import Kubernetes
import Logging
import Testing

@testable import Operator

/// What an operator without a cluster keeps in files.
struct LocalObjectsTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

    private func status(of name: String) async throws -> Int {
        let objects = LocalObjects(
            folder: try LocalFolder(folder), secrets: [:], empty: [],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await objects.send(.get(.configMaps, ObjectKey(namespace: "weir-system", name: name)))
            .status
    }

    @Test(arguments: ["", "{", "[]]", String(repeating: " ", count: 5 << 20)])
    func `a file that cannot be read is not taken for none`(content: String) async throws {
        #expect(try await status(of: "weir-revocations") == 404)
        try Data(content.utf8).write(to: URL(filePath: folder + "/configmaps.weir-revocations.json"))
        #expect(try await status(of: "weir-revocations") == 500)
        try Data("{}".utf8).write(to: URL(filePath: folder + "/configmaps.weir-revocations.json"))
        #expect(try await status(of: "weir-revocations") == 200)
        try FileManager.default.removeItem(atPath: folder)
    }
}
