import Cryptography
package import Kubernetes

/// How it is seen that an object is as it was last applied, and still as it should be.
package enum AppliedDigest {
    /// Of an object before it bears the annotation, hexadecimal.
    static func of(_ content: JSON) -> String {
        var content = content
        content["metadata", "annotations", OwnNames.applied] = nil
        return Hexadecimal.encode(SHA256.digest(of: content.rendered))
    }

    /// What is kept of an object that the operator made: of a ConfigMap's values their digests.
    package static func reduced(_ object: APIObject) -> APIObject {
        (try? APIObject(reduced(object.content))) ?? object
    }

    static func reduced(_ content: JSON) -> JSON {
        guard let data = content["data"]?.object else { return content }
        var content = content
        content["data"] = .object(
            .init(
                data.map { name, value in
                    (name, .string(Hexadecimal.encode(SHA256.digest(of: value.rendered))))
                }))
        return content
    }

    /// What is kept of the fields of such an object.
    package static let projection = JSON.Projection([
        ["apiVersion"], ["kind"], ["metadata", "labels"], ["metadata", "annotations"],
        ["metadata", "ownerReferences"], ["spec"], ["data"],
    ])
}

extension JSON {
    /// Whether everything that this value says holds for the other, which may say more: also in lists of what
    /// has names, as an apply takes none of those away that others put there. Amounts of resources count as
    /// equal: the API server writes them in its own way.
    func holds(in other: JSON?) -> Bool {
        switch (self, other) {
        case (.object(let fields), .object(let others)?):
            fields.allSatisfy { $0.name == "resources" || $0.value.holds(in: others[$0.name]) }
        case (.array(let items), .array(let others)?) where items.contains(where: { $0["name"] != nil }):
            items.allSatisfy { item in
                let namesakes = others.filter { $0["name"] == item["name"] }
                return !namesakes.isEmpty && namesakes.allSatisfy { item.holds(in: $0) }
            }
        case (.array(let items), .array(let others)?):
            items.count == others.count && zip(items, others).allSatisfy { $0.holds(in: $1) }
        case (.object(let fields), nil): fields.isEmpty
        case (_, let other?): self == other
        case (_, nil): false
        }
    }
}
