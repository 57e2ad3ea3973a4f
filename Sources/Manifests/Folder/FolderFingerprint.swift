/// The state of a folder of manifests: it differs once a file was added, removed, replaced or written.
///
/// Take one before loading and compare it with a fresh one every 250 ms; when they differ, load again. It
/// may differ though nothing of the contents did (a `touch`): ``ManifestSet/revision`` tells.
package struct FolderFingerprint: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        var path: String
        /// `nil`: a link that leads nowhere, or a folder that is missing.
        var status: FileStatus?
    }

    private let entries: [Entry]

    package init(of folder: String) {
        entries = FolderWalk(folder).entries.map { Entry(path: $0.path, status: $0.status) }
    }
}
