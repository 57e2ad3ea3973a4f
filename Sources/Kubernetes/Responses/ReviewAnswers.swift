/// Whose a token is, or that it is nobody's here.
package enum TokenReviewAnswer: Sendable, Equatable {
    case authenticated(UserInfo)
    /// With the server's reason, which may be empty.
    case refused(reason: String)

    /// An answer that does not name one of the `audiences` asked about is a refusal: a server that knows no
    /// audiences takes the tokens of all of them.
    package init(_ review: JSON, audiences: [String]) {
        let status = review["status"]
        if let error = status?["error"]?.string, !error.isEmpty {
            self = .refused(reason: error)
        } else if status?["authenticated"]?.bool != true {
            self = .refused(reason: "")
        } else if Set(status?["audiences"]?.strings ?? []).isDisjoint(with: audiences) {
            self = .refused(reason: "the token is of another audience")
        } else if let user = UserInfo(status?["user"]) {
            self = .authenticated(user)
        } else {
            self = .refused(reason: "the token is of nobody")
        }
    }
}

/// Whether somebody may; what is neither allowed nor denied is not allowed.
package struct AccessReviewAnswer: Sendable, Equatable {
    package var isAllowed: Bool
    package var reason: String

    package init(_ review: JSON) {
        let status = review["status"]
        isAllowed = status?["allowed"]?.bool == true && status?["denied"]?.bool != true
        let texts = [status?["reason"]?.string, status?["evaluationError"]?.string]
        reason = texts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "; ")
    }
}

/// Which version a server is of.
package struct ServerVersion: Sendable, Hashable, Comparable {
    package var major: Int
    package var minor: Int

    package init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// From the answer to ``APIRequest/version``; a minor version may be `36+`.
    package init(_ json: JSON) throws(MalformedAnswer) {
        func number(_ name: String) -> Int? {
            json[name]?.string.flatMap { Int($0.prefix { $0.isASCII && $0.isWholeNumber }) }
        }
        guard let major = number("major"), let minor = number("minor") else {
            throw MalformedAnswer("a version without numbers")
        }
        self.init(major: major, minor: minor)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// Earlier ones have it behind a gate, with faults.
    package static let firstWithWatchList = ServerVersion(major: 1, minor: 34)
}
