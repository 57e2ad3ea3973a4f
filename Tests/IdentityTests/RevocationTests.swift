import API
import Kubernetes
import Testing

@testable import Identity

/// Whom a revocation is about, who may take it back, and what is never taken into a list.
struct RevocationTests {
    private let now = Issuing.now

    private func list(_ revocations: Revocation...) -> RevocationList {
        var list = RevocationList()
        for revocation in revocations { _ = list.insert(revocation) }
        return list
    }

    private func subject(_ name: String, until: Int64? = nil, author: String = "hr") -> Revocation {
        Revocation(.subject(name), until: until, reason: "left", author: author, time: now)
    }

    private func isRevoked(_ name: String, owner: String? = nil, in list: RevocationList) -> Bool {
        list.isRevoked(
            Subject(name: name, groups: [], proof: .workload, attributes: owner.map { ["owner": $0] } ?? [:]),
            nil, at: now)
    }

    @Test(arguments: [
        ("people:ann@clinic.example", "people:Ann@Clinic.Example"), ("people:ann", "PEOPLE:ANN"),
        ("people:jos\u{e9}", "people:JOS\u{c9}"), ("people:jos\u{e9}", "people:Jose\u{301}"),
        ("people:σίσυφος", "people:ΣΊΣΥΦΟΣ"), ("people:weiß", "people:WEIẞ"),
        ("people:kim", "people:\u{212a}im"),
        ("people:sue", "people:ſue"), ("people:ꭰꮃ", "people:ᎠᎳ"),
    ])
    func `a subject is revoked in whatever case its name is spelled`(name: String, spelling: String) {
        for (revoked, shown) in [(name, spelling), (spelling, name)] {
            var list = list(subject(revoked))
            #expect(isRevoked(shown, in: list))
            #expect(isRevoked("system:serviceaccount:clinic:api", owner: shown, in: list))
            list.remove(.subject(shown))
            #expect(list.count == 0 && !isRevoked(revoked, in: list))
        }
    }

    @Test(arguments: [
        ("people:weiss", "people:weiß"), ("people:irmak", "people:ırmak"), ("people:irmak", "people:İrmak"),
        ("people:ann", "people:anna"), ("people:ann", "people:ann "), ("people:ann", "ci:ann"),
    ])
    func `another name is another's`(name: String, other: String) {
        for (revoked, shown) in [(name, other), (other, name)] {
            var list = list(subject(revoked))
            #expect(!isRevoked(shown, in: list))
            list.remove(.subject(shown))
            #expect(isRevoked(revoked, in: list))
        }
    }

    @Test func `tokens and issuers are named to the letter`() throws {
        let identity = try Issuing().verified()
        for target in [Revocation.Target.token("T-1"), .issuer("https://ID.example")] {
            let list = list(Revocation(target, reason: "", author: "hr", time: now))
            #expect(!list.isRevoked(identity, at: now))
        }
    }

    @Test func `what cannot be read again is not taken`() {
        let (longest, longer) = (String(repeating: "y", count: 1024), String(repeating: "y", count: 1025))
        for (text, isTaken) in [(longest, true), (longer, false), (longest.dropLast() + "é", false)] {
            for revocation in [
                subject(text), Revocation(.token(text), reason: "", author: "", time: 0),
                Revocation(.issuer(text), reason: "", author: "", time: 0),
                Revocation(.token("t"), reason: text, author: "", time: 0),
                Revocation(.token("t"), reason: "", author: text, time: 0),
            ] {
                var list = RevocationList()
                let taken = list.insert(revocation)
                #expect(taken == isTaken && list.count == (isTaken ? 1 : 0))
                #expect(RevocationList(list.json) == list)
            }
        }
        // Everybody, for good.
        var list = RevocationList()
        let isTaken = list.insert(Revocation(.everyone, reason: "", author: "hr", time: 0))
        #expect(!isTaken)
    }

    @Test func `an identity provider takes back what it has said itself`() {
        var list = list(subject("people:Ann"), subject("people:ann", author: Revocation.identityProvider))
        #expect(list.count == 2 && list.isDisabled("people:ANN"))
        list.remove(.subject("people:ann"), by: Revocation.identityProvider)
        #expect(list.count == 1 && !list.isDisabled("people:ann"))
        #expect(isRevoked("people:ann", in: list))
        list.remove(.subject("people:ann"))
        #expect(!isRevoked("people:ann", in: list))
    }

    @Test func `neither a person nor an identity provider shortens what the other says`() {
        let disabled = subject("people:ann", author: Revocation.identityProvider)
        let brief = subject("people:ann", until: now)
        for list in [list(disabled, brief), list(brief, disabled)] {
            #expect(isRevoked("people:ann", in: list))
            #expect(RevocationList(list.json) == list)
        }
    }

    @Test func `a stored list holds with everything in it`() throws {
        let stored: JSON = [
            ["author": "hr", "reason": "left", "subject": "people:Ann", "time": 1],
            ["author": "hr", "reason": "", "subject": "people:ann", "time": 2, "until": 3],
            ["author": "scim", "reason": "", "subject": "people:eve", "time": 3],
        ]
        let list = try #require(RevocationList(stored))
        #expect(list.json == stored)
        #expect(isRevoked("people:ann", in: list) && isRevoked("people:Eve", in: list))
        #expect(list.isDisabled("people:eve") && !list.isDisabled("people:ann"))
    }
}
