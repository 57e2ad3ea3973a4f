package import API
package import Kubernetes

/// Where an issuer's keys come from. Connections may name one issuer and have its keys from different places: what is
/// fetched from one of them says nothing of tokens that are verified by another.
package struct KeySource: Hashable, Sendable {
    /// As its tokens name it.
    package var issuer: String
    /// Their address; `nil`: as its discovery document says.
    package var keys: String?
    /// By whom the certificate shown there is signed, PEM; `nil`: by whom the system trusts.
    package var authorities: String?

    package init(issuer: String, keys: String? = nil, authorities: String? = nil) {
        self.issuer = issuer
        self.keys = keys
        self.authorities = authorities
    }

    /// - Returns: `nil` for an issuer whose keys stand in its connection.
    package init?(_ issuer: DatabaseConnection.Issuer) {
        guard issuer.jwks == nil else { return nil }
        self.init(issuer: issuer.issuer, keys: issuer.jwksURI, authorities: issuer.certificateAuthority)
    }

    /// With the names that the fields have in a connection.
    package var json: JSON {
        var json: JSON = ["issuer": .string(issuer)]
        if let keys { json["jwksURI"] = .string(keys) }
        if let authorities { json["certificateAuthority"] = .string(authorities) }
        return json
    }

    /// - Returns: `nil` unless all of it is well formed.
    package init?(_ json: JSON) {
        guard let issuer = json["issuer"]?.string else { return nil }
        self.init(
            issuer: issuer, keys: json["jwksURI"]?.string, authorities: json["certificateAuthority"]?.string)
        guard (keys == nil) == (json["jwksURI"] == nil),
            (authorities == nil) == (json["certificateAuthority"] == nil)
        else { return nil }
    }
}

extension KeySource: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.issuer, left.keys ?? "", left.authorities ?? "")
            < (right.issuer, right.keys ?? "", right.authorities ?? "")
    }
}
