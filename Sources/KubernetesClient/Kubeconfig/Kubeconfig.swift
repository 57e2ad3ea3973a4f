import API
import YAML

/// The clusters, users and contexts of one or several files (`Config`, v1), as kubectl reads them.
package struct Kubeconfig: Sendable {
    /// A named mapping and the folder its paths are relative to.
    struct Entry: Sendable {
        var fields: ManifestNode
        var folder: String

        /// A field that is text; `nil` where it is absent or empty.
        func text(_ name: String) throws(ConfigurationError) -> String? {
            switch fields[name]?.value {
            case nil, .null, .string(""): nil
            case .string(let text): text
            case .boolean, .integer, .number, .sequence, .mapping: throw fault(name, "is no text")
            }
        }

        func isTrue(_ name: String) throws(ConfigurationError) -> Bool {
            switch fields[name]?.value {
            case nil, .null: false
            case .boolean(let value): value
            case .string, .integer, .number, .sequence, .mapping:
                throw fault(name, "is neither true nor false")
            }
        }

        func texts(_ name: String) throws(ConfigurationError) -> [String] {
            switch fields[name]?.value {
            case nil, .null: return []
            case .sequence(let items):
                var texts: [String] = []
                for item in items {
                    guard case .string(let text) = item.value else {
                        throw fault(name, "is no list of texts")
                    }
                    texts.append(text)
                }
                return texts
            case .boolean, .integer, .number, .string, .mapping: throw fault(name, "is no list of texts")
            }
        }

        /// A file's path, absolute.
        func path(_ name: String) throws(ConfigurationError) -> String? {
            guard let path = try text(name) else { return nil }
            return absolute(path)
        }

        func absolute(_ path: String) -> String {
            path.hasPrefix("/") ? path : "\(folder)/\(path)"
        }

        func fault(_ name: String, _ message: String) -> ConfigurationError {
            let position = fields[name]?.position ?? fields.position
            return ConfigurationError("\(position.file):\(position.line): \(name) \(message)")
        }
    }

    private(set) var currentContext = ""
    private var clusters: [String: Entry] = [:]
    private var users: [String: Entry] = [:]
    private var contexts: [String: Entry] = [:]

    /// The files that `KUBECONFIG` lists, or the one in the home folder.
    package static func paths(environment: [String: String]) -> [String] {
        if let list = environment["KUBECONFIG"], !list.isEmpty {
            return list.split(separator: ":").map(String.init)
        }
        return environment["HOME"].map { ["\($0)/.kube/config"] } ?? []
    }

    /// Reads the files that exist. The first of several entries of one name counts.
    package init(paths: [String]) throws(ConfigurationError) {
        let existing = paths.filter { SmallFile.exists($0) }
        guard !existing.isEmpty else {
            throw ConfigurationError("no kubeconfig: \(paths.joined(separator: ", ")) not found")
        }
        for path in existing { try add(path, try SmallFile.read(path)) }
    }

    private mutating func add(_ path: String, _ bytes: [UInt8]) throws(ConfigurationError) {
        let documents: [YAMLDocument]
        do {
            documents = try YAMLDocument.all(in: bytes, file: path)
        } catch {
            throw ConfigurationError("\(error)")
        }
        // An empty file is one with nothing in it.
        guard let document = documents.first else { return }
        if let fault = document.faults.first { throw ConfigurationError("\(fault)") }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        let root = Entry(fields: document.root, folder: folder.isEmpty && !path.hasPrefix("/") ? "." : folder)
        if currentContext.isEmpty { currentContext = try root.text("current-context") ?? "" }
        try add(root, "clusters", of: "cluster", to: &clusters)
        try add(root, "users", of: "user", to: &users)
        try add(root, "contexts", of: "context", to: &contexts)
    }

    private func add(
        _ root: Entry, _ list: String, of field: String, to entries: inout [String: Entry]
    ) throws(ConfigurationError) {
        let items: [ManifestNode]
        switch root.fields[list]?.value {
        case nil, .null: items = []
        case .sequence(let list): items = list
        case .boolean, .integer, .number, .string, .mapping: throw root.fault(list, "is no list")
        }
        for item in items {
            let named = Entry(fields: item, folder: root.folder)
            guard let name = try named.text("name") else { throw named.fault("name", "is missing") }
            let fields = item[field] ?? ManifestNode(.mapping([]), at: item.position)
            if entries[name] == nil { entries[name] = Entry(fields: fields, folder: root.folder) }
        }
    }

    // MARK: - Use

    /// A context's cluster and user, by the name of the context or as the files have it.
    func entries(of context: String?) throws(ConfigurationError) -> (
        cluster: Entry, user: Entry, namespace: String
    ) {
        let name = context ?? currentContext
        guard !name.isEmpty else { throw ConfigurationError("the kubeconfig has no current-context") }
        guard let context = contexts[name] else {
            throw ConfigurationError("the kubeconfig has no context \(name)")
        }
        guard let clusterName = try context.text("cluster"), let cluster = clusters[clusterName] else {
            throw context.fault("cluster", "is of no cluster")
        }
        var user = Entry(
            fields: ManifestNode(.mapping([]), at: context.fields.position), folder: context.folder)
        if let userName = try context.text("user") {
            guard let named = users[userName] else { throw context.fault("user", "is of no user") }
            user = named
        }
        return (cluster, user, try context.text("namespace") ?? "default")
    }
}
