import API
import Kubernetes
import Testing

@testable import Identity

/// What gateways may tell of identities.
struct IdentityUsesTests {
    private static let longest = String(repeating: "a", count: IdentityUses.maximumTextLength)

    private static func use(_ field: String, _ text: String) -> JSON {
        var use: JSON = [
            "subject": "s", "connection": "clinic/main", "issuer": "i", "owner": "o", "expiry": 1,
        ]
        use[field] = .string(text)
        return use
    }

    @Test(arguments: ["subject", "connection", "issuer", "owner"])
    func `a text of more than 1 KiB makes it no report`(field: String) {
        let fits: JSON = ["uses": [Self.use(field, Self.longest)], "unused": []]
        #expect(IdentityUses(fits)?.all.count == 1)
        let tooLong: JSON = ["uses": [Self.use(field, Self.longest + "a")], "unused": []]
        #expect(IdentityUses(tooLong) == nil)
    }

    @Test(arguments: ["unused", "ownerless"])
    func `nor does one of somebody who was refused`(list: String) {
        for (subject, isReport) in [(Self.longest, true), (Self.longest + "a", false)] {
            var json: JSON = ["uses": [], "unused": [], "ownerless": []]
            json[list] = [["subject": .string(subject), "connection": "clinic/main"]]
            #expect((IdentityUses(json) != nil) == isReport)
        }
    }

    @Test func `a gateway makes no report that nobody takes`() throws {
        var uses = IdentityUses()
        for name in [Self.longest, Self.longest + "a"] {
            uses.note(workload: Subject(name: name, groups: [], proof: .workload), of: "clinic/main")
            uses.noteUnused(name, of: "clinic/main")
            uses.noteOwnerless(name, of: "clinic/main")
        }
        #expect(uses.all.map(\.subject) == [Self.longest])
        #expect(uses.unused.map(\.subject) == [Self.longest] && uses.ownerless.count == 1)
        #expect(IdentityUses(try JSON(parsing: uses.bytes)) == uses)
    }
}
