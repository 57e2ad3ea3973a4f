extension DatabaseConnection {
    /// A field whose value may be written down, but with which no gateway opens a database yet.
    package struct Unsupported: Error, Equatable, CustomStringConvertible {
        /// Of the field, from the resource's root.
        package var path: [String]
        /// What is to be said of it, behind its name.
        package var message: String

        package var description: String { "\(path.joined(separator: ".")) \(message)" }
    }
}

extension DatabaseConnection.Spec {
    package var unsupported: DatabaseConnection.Unsupported? {
        `protocol`.unsupported ?? credentials.unsupported
    }
}

extension DatabaseProtocol {
    package var unsupported: DatabaseConnection.Unsupported? {
        guard self != .postgres else { return nil }
        return .init(
            path: ["spec", "protocol"],
            message: "is \(rawValue), which gateways cannot speak yet; they speak postgres")
    }
}

extension DatabaseConnection.Credentials {
    package var unsupported: DatabaseConnection.Unsupported? {
        do {
            _ = try secret()
            return nil
        } catch {
            return error
        }
    }

    package func secret() throws(DatabaseConnection.Unsupported) -> DatabaseConnection.SecretRef {
        if case .secret(let reference) = self { return reference }
        throw .init(
            path: ["spec", "credentials", "type"],
            message: "is \(kind.rawValue), which gateways cannot use yet; they use SecretRef")
    }
}
