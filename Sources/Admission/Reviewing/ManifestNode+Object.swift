package import API
package import Kubernetes

extension ManifestNode {
    /// An object of the API server as the decoders take it; what is wrong is said to be in `namespace/name`.
    package init(object: APIObject) {
        self.init(
            json: object.content, at: ManifestPosition(file: object.key.description, line: 0, column: 0))
    }

    package init(json: JSON, at position: ManifestPosition) {
        let value: Value =
            switch json {
            case .null: .null
            case .bool(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .number(let text): .number(text)
            case .string(let text): .string(text)
            case .array(let items): .sequence(items.map { ManifestNode(json: $0, at: position) })
            case .object(let fields):
                .mapping(
                    fields.map {
                        Field(
                            key: $0.name, position: position,
                            value: ManifestNode(json: $0.value, at: position))
                    })
            }
        self.init(value, at: position)
    }
}
