extension DatabaseConnection {
    /// How the gateway logs in; the workload never learns it.
    package enum Credentials: Sendable, Equatable {
        /// User name and password from a Secret of the connection's namespace.
        case secret(SecretRef)
        /// Delivered by the operator in memory; no gateway uses it yet.
        case central
        /// The client's own; no gateway uses it yet.
        case passthrough

        enum Kind: String, CaseIterable {
            case secretRef = "SecretRef"
            case central = "Central"
            case passthrough = "Passthrough"
        }

        var kind: Kind {
            switch self {
            case .secret: .secretRef
            case .central: .central
            case .passthrough: .passthrough
            }
        }

        package init(reading fields: inout MappingReader) {
            let kind: Kind = fields.choice("type", else: .passthrough)
            let reference = fields.optionalObject("secretRef") { SecretRef(reading: &$0) }
            switch (kind, reference) {
            case (.secretRef, let reference?):
                self = .secret(reference)
            case (.secretRef, nil):
                if !fields.has("secretRef") { fields.fault(at: "secretRef", "is missing") }
                self = .passthrough
            case (.central, _):
                self = .central
            case (.passthrough, _):
                self = .passthrough
            }
            if kind != .secretRef, fields.has("type"), reference != nil {
                fields.fault(at: "secretRef", "has no meaning with type \(kind.rawValue)")
            }
        }
    }

    package struct SecretRef: Sendable, Equatable {
        package var name: String
        package var usernameKey: String
        package var passwordKey: String

        package init(reading fields: inout MappingReader) {
            name = fields.string("name", .objectName)
            usernameKey = fields.string("usernameKey", .dataKey, default: "username")
            passwordKey = fields.string("passwordKey", .dataKey, default: "password")
        }
    }
}

/// A key of a ConfigMap in the resource's own namespace.
package struct ConfigMapKeyReference: Sendable, Hashable {
    package var name: String
    package var key: String

    package init(name: String, key: String) {
        self.name = name
        self.key = key
    }

    package init(reading fields: inout MappingReader, defaultKey: String) {
        name = fields.string("name", .objectName)
        key = fields.string("key", .dataKey, default: defaultKey)
    }
}

extension SecretKeyReference {
    package init(reading fields: inout MappingReader, defaultKey: String) {
        self.init(
            name: fields.string("name", .objectName),
            key: fields.string("key", .dataKey, default: defaultKey))
    }
}
