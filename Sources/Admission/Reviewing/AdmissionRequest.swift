package import Kubernetes

/// What the API server asks (`AdmissionReview`, admission.k8s.io/v1).
package struct AdmissionRequest: Sendable {
    package enum Operation: String, Sendable {
        case create = "CREATE"
        case update = "UPDATE"
        case delete = "DELETE"
        case connect = "CONNECT"
    }

    /// Largest body read, in bytes; the API server's own limit for an object is 3 MiB, and a review may hold two.
    package static let maximumLength = 7 << 20
    /// A pod of that size has far fewer.
    static let maximumValues = 1 << 20
    /// Longest `uid`, in bytes, which the answer repeats. Ours: the server's have 36.
    static let maximumUIDLength = 256

    package var uid: String
    package var operation: Operation
    package var group: String
    package var kind: String
    /// Empty for the object itself.
    package var subresource: String
    /// Empty for objects of the cluster.
    package var namespace: String
    /// What is kept of it; `null` when it is deleted.
    package var object: JSON
    /// `null` when it is created.
    package var oldObject: JSON
    /// Nothing comes of it.
    package var isDryRun: Bool
    /// Who sends it; `nil` where the API server does not say.
    package var user: UserInfo?

    /// - Parameters:
    ///   - body: any bytes.
    ///   - part: what is kept of the object.
    /// - Throws: for what is no review of version 1.
    package init(_ body: [UInt8], keeping part: JSON.Projection = .everything) throws(MalformedReview) {
        var limits = JSON.Limits(length: Self.maximumLength)
        limits.values = Self.maximumValues
        let review: JSON
        do {
            let kept = Self.surroundings + part.nested(under: "object").nested(under: "request")
            review = try JSON(parsing: body, keeping: kept, limits: limits)
        } catch {
            throw MalformedReview("\(error)")
        }
        guard review["kind"]?.string == "AdmissionReview",
            review["apiVersion"]?.string == Self.apiVersion
        else { throw MalformedReview("not an AdmissionReview of \(Self.apiVersion)") }
        guard let request = review["request"], let uid = request["uid"]?.string, !uid.isEmpty,
            uid.utf8.count <= Self.maximumUIDLength
        else { throw MalformedReview("no request with a uid") }
        guard let operation = request["operation"]?.string.flatMap({ Operation(rawValue: $0) }) else {
            throw MalformedReview("no operation")
        }
        guard let kind = request["kind", "kind"]?.string else { throw MalformedReview("no kind") }
        self.uid = uid
        self.operation = operation
        self.kind = kind
        group = request["kind", "group"]?.string ?? ""
        subresource = request["subResource"]?.string ?? ""
        namespace = request["namespace"]?.string ?? ""
        object = request["object"] ?? .null
        oldObject = request["oldObject"] ?? .null
        isDryRun = request["dryRun"]?.bool ?? false
        user = UserInfo(request["userInfo"])
    }

    static let apiVersion = "admission.k8s.io/v1"

    /// All that is read but the object.
    private static let surroundings = JSON.Projection(
        [["kind"], ["apiVersion"]]
            + ["uid", "operation", "kind", "subResource", "namespace", "oldObject", "dryRun", "userInfo"].map
        {
            ["request", $0]
        })
}

/// Why a body is no review; holds nothing of it.
package struct MalformedReview: Error, Equatable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}
