import API
import Testing

@testable import Policy

/// Whom policies and rules bind: by attributes too, and of several who ask together everybody.
struct StandingTests {
    private static let masking = """
        ---
        apiVersion: weir.dev/v1alpha1
        kind: MaskingPolicy
        metadata: {name: patients}
        spec:
          targets: {connectionNames: [clinic]}
          rules:
          - name: names
            match: {columns: [name]}
            action: {type: Redact}
            exceptSubjects: {users: [ann], attributes: {repository: clinic/migrations, ref: refs/heads/release-*}}

        """
    private static let rule = """
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ApprovalRule
        metadata: {name: no-drop}
        spec:
          targets: {connectionNames: [clinic]}
          subjects: {attributes: {environment: production}}
          match: {statements: [Drop]}
          effect: Deny

        """

    private func job(_ attributes: [String: String], name: String = "job") -> Subject {
        Subject(name: name, groups: [], proof: .token, attributes: attributes)
    }

    private func standing(_ subjects: Subject...) throws -> SubjectStanding {
        try Clinic.connectionPolicy(Self.masking, Self.rule).standing(of: subjects)
    }

    @Test(
        arguments: [
            (["repository": "clinic/migrations", "ref": "refs/heads/release-7"], false),
            (["repository": "clinic/migrations", "ref": "refs/heads/main"], true),
            (["repository": "clinic/migrations"], true),
            (["repository": "clinic/migrations-fork", "ref": "refs/heads/release-7"], true),
            ([:], true),
        ] as [([String: String], Bool)])
    func `all attributes of a selector are needed`(attributes: [String: String], isMasked: Bool) throws {
        #expect(try standing(job(attributes)).masking == [[isMasked]])
    }

    @Test func `a rule binds those with its attribute`() throws {
        #expect(try standing(job(["environment": "production"])).rules == [true])
        #expect(try standing(job(["environment": "Production"])).rules == [false])
    }

    @Test func `two runs of one job are the same to policy`() throws {
        let runs = try ["1", "2"].map { run in
            try standing(job(["repository": "a", "run": run], name: "job-\(run)"))
        }
        #expect(runs[0] == runs[1])
    }

    @Test func `of two who ask together each is bound by what binds either`() throws {
        let (ann, ben) = (job([:], name: "ann"), job(["environment": "production"], name: "ben"))
        #expect(try standing(ann).masking == [[false]])
        #expect(try standing(ann, ben).masking == [[true]])
        #expect(try standing(ann, ben).rules == [true])
        #expect(try standing(ann, ann).masking == [[false]])
    }

    @Test func `of two policies each counts for whom it names`() throws {
        let other = Self.masking.replacing("name: patients", with: "name: strict")
            .replacing("targets:", with: "subjects: {users: [ben]}\n  targets:")
            .replacing("users: [ann],", with: "users: [],")
        let policy = try Clinic.connectionPolicy(Self.masking, other)
        #expect(policy.standing(of: [job([:], name: "ann")]).masking == [[false], [false]])
        #expect(
            policy.standing(of: [job([:], name: "ann"), job([:], name: "ben")]).masking == [[true], [true]])
    }
}
