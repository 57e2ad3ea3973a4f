/// Why the store could not do its work.
package enum StoreError: Error, Sendable, Equatable {
    /// SQLite refused; `message` is its own text, free of bound values.
    case database(message: String)
    /// The file is no store of this version.
    case foreignFile(String)
    /// What is stored contradicts itself: the file was changed by something else.
    case inconsistent(String)
    /// The key could not sign.
    case signing
    /// Another process has the folder.
    case folderInUse(String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .database(let message): "the evidence database: \(message)"
        case .foreignFile(let path): "\(path) is no evidence store of this version"
        case .inconsistent(let detail): "the evidence store contradicts itself: \(detail); run weirctl verify"
        case .signing: "the sink's key could not sign"
        case .folderInUse(let folder): "\(folder) is in use by another sink: give each its own folder"
        }
    }
}
