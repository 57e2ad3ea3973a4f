import API
import Foundation
import Testing

@testable import Manifests

/// Folders as people, editors and Kubernetes leave them.
final class FolderTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ text: String, to name: String) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: name).path, withDestinationPath: target)
    }

    private func load() throws -> ManifestSet {
        try ManifestSet.load(folder: folder.path)
    }

    private var faults: [String] {
        do {
            _ = try load()
            return []
        } catch {
            return (error as? ManifestFaults)?.faults.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func `files are read by their ending, below the folder too`() throws {
        try write(Samples.connection, to: "connection.yaml")
        try write(Samples.policy, to: "policies/patients.yml")
        try write("not: [yaml", to: "notes.txt")
        try write("not: [yaml", to: ".connection.yaml.swp")
        try write("not: [yaml", to: ".git/config.yaml")
        let set = try load()
        #expect(set.connections.count == 1)
        #expect(set.maskingPolicies.count == 1)
    }

    @Test func `a mounted ConfigMap is read once`() throws {
        try write(Samples.all, to: "..2026_11_23/clinic.yaml")
        try link("..data", to: "..2026_11_23")
        try link("clinic.yaml", to: "..data/clinic.yaml")
        #expect(try load().connections.count == 1)
    }

    @Test func `the swap of a mounted ConfigMap is noticed`() throws {
        try write(Samples.all, to: "..1/clinic.yaml")
        try write(Samples.all.replacing("[ssn]", with: "[dob]"), to: "..2/clinic.yaml")
        try link("..data", to: "..1")
        try link("clinic.yaml", to: "..data/clinic.yaml")
        let (before, revision) = (FolderFingerprint(of: folder.path), try load().revision)
        try link("..data_tmp", to: "..2")
        let status = unsafe rename(
            folder.appending(path: "..data_tmp").path, folder.appending(path: "..data").path)
        #expect(status == 0)
        #expect(FolderFingerprint(of: folder.path) != before)
        #expect(try load().revision != revision)
    }

    @Test func `a folder left alone keeps its fingerprint`() throws {
        try write(Samples.all, to: "clinic.yaml")
        #expect(FolderFingerprint(of: folder.path) == FolderFingerprint(of: folder.path))
    }

    @Test func `writing, replacing, adding and removing a file are noticed`() throws {
        let file = folder.appending(path: "clinic.yaml")
        var states = [FolderFingerprint(of: folder.path)]
        try write(Samples.all, to: "clinic.yaml")
        states.append(FolderFingerprint(of: folder.path))
        try Data((Samples.all + "\n").utf8).write(to: file, options: .atomic)
        states.append(FolderFingerprint(of: folder.path))
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("# more\n".utf8))
        try handle.close()
        states.append(FolderFingerprint(of: folder.path))
        try write(Samples.all, to: "sub/other.yaml")
        states.append(FolderFingerprint(of: folder.path))
        try FileManager.default.removeItem(at: file)
        states.append(FolderFingerprint(of: folder.path))
        for (index, state) in states.enumerated() {
            #expect(states[..<index].allSatisfy { $0 != state }, "state \(index)")
        }
    }

    @Test(arguments: ["", "\n", " \n\t\n"])
    func `a file without anything in it is a fault, as one is that is about to be written`(text: String)
        throws
    {
        let file = ManifestFile(path: "masking.yaml", bytes: Array(text.utf8))
        #expect(throws: ManifestFaults.self) { try ManifestSet.read([file]) }
    }

    @Test func `a folder that is missing or empty is a fault`() throws {
        #expect(faults == ["\(folder.path): holds no *.yaml or *.yml files"])
        try FileManager.default.removeItem(at: folder)
        #expect(faults == ["\(folder.path): cannot be read: No such file or directory"])
    }

    @Test func `what cannot be read as a file is a fault and does not hang`() throws {
        let pipe = folder.appending(path: "pipe.yaml").path
        let status = unsafe mkfifo(pipe, 0o600)
        #expect(status == 0)
        try link("gone.yaml", to: "nowhere")
        #expect(
            faults == [
                "\(folder.path)/gone.yaml: cannot be opened: No such file or directory",
                "\(pipe): is no regular file",
            ])
    }

    @Test func `a file is read to its limit and no further`() throws {
        let padding = String(repeating: "#", count: ManifestFile.maximumSize - Samples.all.utf8.count - 1)
        try write(Samples.all + "\n" + padding, to: "clinic.yaml")
        #expect(try load().connections.count == 1)
        try write(Samples.all + "\n" + padding + "#", to: "clinic.yaml")
        #expect(faults == ["\(folder.path)/clinic.yaml: is larger than 1048576 bytes"])
    }

    @Test func `a link in a circle ends`() throws {
        try write(Samples.all, to: "a/clinic.yaml")
        try link("a/again", to: "../a")
        #expect(faults.contains { $0.hasSuffix("is deeper than 8 folders") })
    }
}
