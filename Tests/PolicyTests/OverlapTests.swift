import API
import Manifests
import Testing

@testable import Policy

/// Policies that name the same column: whoever reads the status learns which of them holds.
struct OverlapTests {
    private func overlaps(_ policies: String...) throws -> [String] {
        let text = policies.joined().replacing(
            "{connectionNames: [clinic]}", with: "{connectionSelector: {matchLabels: {app: clinic}}}")
        let file = ManifestFile(path: "policies.yaml", bytes: Array(text.utf8))
        let known = try ManifestSet.read([file]).maskingPolicies.sorted {
            PolicyPrecedence(of: $0) < PolicyPrecedence(of: $1)
        }
        return MaskingOverlap.overlaps(of: known).map(\.description)
    }

    private static let partial = "{type: Partial, partial: {keepLast: 4}}"

    @Test(arguments: [0, 500, 1000])
    func `the stricter holds, whichever has the higher priority`(priority: Int) throws {
        let weaker = Clinic.masking(name: "weak", action: Self.partial, spec: "priority: \(priority)")
        #expect(
            try overlaps(Clinic.masking(name: "strong"), weaker)
                == ["Redact of default/strong/r holds against default/weak/r"])
    }

    @Test func `one action, other columns, and dry runs are no overlap`() throws {
        let strong = Clinic.masking(name: "strong")
        #expect(try overlaps(strong, Clinic.masking(name: "same")).isEmpty)
        let others = [
            "{tables: [visits], columns: [ssn]}", "{columns: [note]}", "{schemas: [other], columns: [ssn]}",
        ]
        for match in others {
            let schema = "{schemas: [public], tables: [patients], columns: [ssn]}"
            #expect(
                try overlaps(
                    Clinic.masking(name: "strong", match: schema),
                    Clinic.masking(name: "weak", match: match, action: Self.partial)
                ).isEmpty)
        }
        #expect(
            try overlaps(strong, Clinic.masking(name: "weak", action: Self.partial, spec: "mode: DryRun"))
                .isEmpty)
    }

    @Test(arguments: [
        "{columns: [\"s*\"]}", "{columns: [\"*\"], tables: [\"pat*\"]}", "{columns: [note, ssn]}",
    ])
    func `patterns and lists meet names`(match: String) throws {
        let weak = Clinic.masking(name: "weak", match: match, action: Self.partial)
        #expect(try overlaps(Clinic.masking(name: "strong"), weak).count == 1)
        #expect(try overlaps(weak, Clinic.masking(name: "a-strong")).count == 1)
    }

    @Test func `no more are told than help anybody`() throws {
        let many = (0..<9).map { number in
            Clinic.masking(name: "p\(number)", action: "{type: Partial, partial: {keepLast: \(number)}}")
        }
        #expect(try overlaps(many.joined()).count == MaskingOverlap.maximumCount)
    }
}
