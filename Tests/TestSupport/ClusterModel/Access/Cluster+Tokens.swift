package import Kubernetes

/// A token of a service account.
struct IssuedToken: Sendable {
    var user: User
    var audiences: [String]
    var expires: Timestamp
    /// The uid of the pod it is bound to.
    var pod: String?
}

extension Cluster {
    /// Of the API server itself, for tokens that name none.
    static let ownAudience = "https://kubernetes.default.svc.cluster.local"
    /// How long a token outlives its pod.
    static let afterlife = Duration.seconds(10)

    /// `serviceaccounts/token`.
    mutating func issueToken(_ target: Target, _ call: Call) throws(APIFault) -> Response {
        guard let account = store[.init(resource: target.type.identifier, key: target.key)] else {
            throw .notFound(target.type, target.name ?? "")
        }
        var request = try body(call)
        let seconds = request["spec", "expirationSeconds"]?.integer ?? 3600
        guard seconds >= 600 else {
            throw .invalid(
                ResourceType(
                    group: "authentication.k8s.io", version: "v1", name: "tokenrequests", kind: "TokenRequest"
                ),
                "",
                [
                    .invalid(
                        "spec.expirationSeconds", .integer(seconds),
                        "may not specify a duration less than 10 minutes")
                ])
        }
        let audiences = request["spec", "audiences"]?.strings ?? []
        var user = User(
            name: "system:serviceaccount:\(target.namespace):\(target.name ?? "")",
            groups: [
                "system:serviceaccounts", "system:serviceaccounts:\(target.namespace)",
                "system:authenticated",
            ], uid: account["metadata", "uid"]?.string ?? "")
        let bound = request["spec", "boundObjectRef"]
        var pod: String?
        if bound?["kind"]?.string == "Pod" {
            let key = ObjectKey(namespace: target.namespace, name: bound?["name"]?.string ?? "")
            guard let found = store[.init(resource: ResourceType.pods, key: key)],
                let uid = found["metadata", "uid"]?.string,
                bound?["uid"]?.string.map({ $0 == uid }) ?? true
            else { throw APIFault(404, "NotFound", "pods \"\(key.name)\" not found") }
            let own = found["spec", "serviceAccountName"]?.string ?? "default"
            guard own == target.name else {
                throw APIFault(
                    400, "BadRequest",
                    "cannot bind token for serviceaccount \"\(target.name ?? "")\" to pod running with "
                        + "different serviceaccount name.")
            }
            pod = uid
            user.extra = [
                "authentication.kubernetes.io/pod-name": [key.name],
                "authentication.kubernetes.io/pod-uid": [uid],
            ]
        }
        let token = "weir-test.\(newUID()).\(newUID())"
        let expires = now + .seconds(seconds)
        tokens[token] = IssuedToken(
            user: user, audiences: audiences.isEmpty ? [Self.ownAudience] : audiences, expires: expires,
            pod: pod)
        request["spec", "audiences"] = JSON(audiences.isEmpty ? [Self.ownAudience] : audiences)
        request["status"] = ["token": .string(token), "expirationTimestamp": .string(expires.time)]
        return Response(status: 201, request)
    }

    /// Whom a token stands for towards an audience.
    package func user(of token: String, at time: Timestamp, audiences: [String] = [ownAudience]) -> User? {
        guard let issued = tokens[token], time < issued.expires,
            issued.audiences.contains(where: audiences.contains)
        else { return nil }
        return issued.user
    }

    func tokenReview(_ review: JSON) -> JSON {
        var review = review
        let token = review["spec", "token"]?.string ?? ""
        let asked = review["spec", "audiences"]?.strings ?? [Self.ownAudience]
        if let user = user(of: token, at: now, audiences: asked) {
            let shared = (tokens[token]?.audiences ?? []).filter(asked.contains)
            review["status"] = ["authenticated": true, "user": user.json, "audiences": JSON(shared)]
        } else {
            let why = tokens[token] == nil ? "token is unknown" : "token audiences do not match"
            review["status"] = [
                "user": [:], "error": .string("[invalid bearer token, \(why)]"),
            ]
        }
        return review
    }

    mutating func endTokens(boundTo pod: String) {
        for (token, issued) in tokens where issued.pod == pod {
            tokens[token]?.expires = min(issued.expires, now + Self.afterlife)
        }
    }
}
