import Kubernetes
import Testing

struct ReviewAnswerTests {
    @Test func `a token is somebody's only for an audience of ours`() {
        var review: JSON = [
            "status": [
                "authenticated": true, "audiences": ["weir"],
                "user": [
                    "username": "system:serviceaccount:a:b", "uid": "u", "groups": ["g"],
                    "extra": ["k": ["v"]],
                ],
            ]
        ]
        let user = UserInfo(
            username: "system:serviceaccount:a:b", uid: "u", groups: ["g"], extra: ["k": ["v"]])
        #expect(TokenReviewAnswer(review, audiences: ["x", "weir"]) == .authenticated(user))
        #expect(
            TokenReviewAnswer(review, audiences: ["x"])
                == .refused(reason: "the token is of another audience"))
        review["status", "audiences"] = nil
        #expect(
            TokenReviewAnswer(review, audiences: ["weir"])
                == .refused(reason: "the token is of another audience"))
    }

    @Test(
        arguments: [
            (
                ["status": ["error": "[invalid bearer token, token audiences are invalid]"]],
                "[invalid bearer token, token audiences are invalid]"
            ),
            (
                [
                    "status": [
                        "authenticated": true, "error": "x", "audiences": ["weir"], "user": ["username": "a"],
                    ]
                ], "x"
            ),
            (["status": ["authenticated": false]], ""), (["status": ["authenticated": "true"]], ""),
            ([:], ""),
            (
                ["status": ["authenticated": true, "audiences": ["weir"], "user": ["username": ""]]],
                "the token is of nobody"
            ),
        ] as [(JSON, String)])
    func `any other answer is a refusal`(review: JSON, reason: String) {
        #expect(TokenReviewAnswer(review, audiences: ["weir"]) == .refused(reason: reason))
    }

    @Test func `access is allowed only when it says so`() {
        #expect(AccessReviewAnswer(["status": ["allowed": true, "reason": "RBAC"]]).isAllowed)
        #expect(!AccessReviewAnswer(["status": ["allowed": true, "denied": true]]).isAllowed)
        #expect(!AccessReviewAnswer([:]).isAllowed)
        #expect(
            AccessReviewAnswer(["status": ["allowed": false, "reason": "a", "evaluationError": "b"]]).reason
                == "a; b")
    }

    @Test func `a version is two numbers, whatever follows them`() throws {
        #expect(try ServerVersion(["major": "1", "minor": "36+"]) == ServerVersion(major: 1, minor: 36))
        #expect(ServerVersion(major: 1, minor: 33) < .firstWithWatchList)
        #expect(ServerVersion(major: 2, minor: 0) > .firstWithWatchList)
        #expect(throws: MalformedAnswer.self) { try ServerVersion(["major": "1", "minor": ""]) }
    }
}
