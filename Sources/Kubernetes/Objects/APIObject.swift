/// An object of the API server: everything that was read of it, known or not, and what identifies it.
package struct APIObject: Sendable, Equatable {
    package let content: JSON
    package let key: ObjectKey
    /// Differs between two objects of one name; empty where the server gives none, as in reviews.
    package let uid: String
    /// Of this state of the object; empty where the server gives none.
    package let resourceVersion: String

    /// - Throws: ``MalformedAnswer`` when there is no name.
    package init(_ content: JSON) throws(MalformedAnswer) {
        guard let metadata = content["metadata"]?.object, let name = metadata["name"]?.string, !name.isEmpty
        else { throw MalformedAnswer("an object without a name") }
        self.content = content
        key = ObjectKey(namespace: metadata["namespace"]?.string ?? "", name: name)
        uid = metadata["uid"]?.string ?? ""
        resourceVersion = metadata["resourceVersion"]?.string ?? ""
    }

    package var metadata: ObjectMeta { ObjectMeta(content["metadata"]) }

    /// A version that can be compared with another of its kind (KEP-5504); `nil` for one that cannot, as
    /// other API servers may make them.
    var comparableVersion: UInt64? { UInt64(resourceVersion) }
}

/// The server's answer is not what its specification says.
package struct MalformedAnswer: Error, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
