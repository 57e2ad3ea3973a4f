import API
import Testing

@testable import Session

/// The values of `weir.on_behalf_of` are those a setting of the server's own would have.
struct RepresentationTests {
    private static func person(_ name: String) -> Person {
        Person(
            Subject(name: name, groups: [], proof: .token),
            IdentityEvidence(issuer: "i", tokenIDs: [], issuedAt: 0, expiry: 1), expiry: 1, checked: 0)
    }

    /// The value after each step: `SET ann`, `LOCAL ann`, `RESET`, and commands of transactions as they are written.
    private func values(_ steps: [String], initial: String? = nil) -> [String?] {
        var state = Representation(initial: initial.map(Self.person))
        return steps.map { step in
            let words = step.split(separator: " ").map(String.init)
            switch words[0] {
            case "SET", "LOCAL":
                let person = words.count > 1 ? Self.person(words[1]) : nil
                state.apply(.init(value: .person(person), isLocal: words[0] == "LOCAL"))
            case "RESET": state.apply(.init(value: .initial, isLocal: false))
            case "SAVEPOINT": state.savepoint(words[1])
            case "RELEASE": state.release(words[1])
            case "TO": state.rollBack(to: words[1])
            case "COMMIT": state.commit()
            case "ROLLBACK": state.rollBack()
            case "FAIL": state.failed()
            default: state.transactionEnded()
            }
            return state.current?.subject.name
        }
    }

    @Test func `SET outlives its transaction, and is undone with it`() {
        #expect(values(["SET ann", "COMMIT", "SET ben", "ROLLBACK"]) == ["ann", "ann", "ben", "ann"])
    }

    @Test func `SET LOCAL ends with its transaction, whichever way`() {
        #expect(values(["SET ann", "COMMIT", "LOCAL ben", "COMMIT"]) == ["ann", "ann", "ben", "ann"])
        #expect(values(["LOCAL ben", "ROLLBACK"]) == ["ben", nil])
    }

    @Test func `a SET before SET LOCAL is there again once the transaction has committed`() {
        #expect(values(["SET ann", "LOCAL ben", "COMMIT"]) == ["ann", "ben", "ann"])
        #expect(values(["SET ann", "LOCAL ben", "ROLLBACK"]) == ["ann", "ben", nil])
        #expect(values(["LOCAL ben", "SET ann", "COMMIT"]) == ["ben", "ann", "ann"])
    }

    @Test func `nobody is somebody who can be set for a transaction`() {
        #expect(values(["SET ann", "COMMIT", "LOCAL", "COMMIT"]) == ["ann", "ann", nil, "ann"])
    }

    @Test func `savepoints bring back what there was at each`() {
        #expect(
            values(["LOCAL ann", "SAVEPOINT a", "LOCAL ben", "SAVEPOINT b", "SET cay", "TO b", "TO a", "COMMIT"])
                == ["ann", "ann", "ben", "ben", "cay", "ben", "ann", nil])
    }

    @Test func `a savepoint made before anything was set`() {
        #expect(
            values(["SET ann", "COMMIT", "SAVEPOINT a", "SET ben", "TO a", "COMMIT"])
                == ["ann", "ann", "ann", "ben", "ann", "ann"])
    }

    @Test func `of two savepoints of one name the newer counts, until it is released`() {
        #expect(
            values(["SET ann", "SAVEPOINT a", "SET ben", "SAVEPOINT a", "SET cay", "TO a", "RELEASE a", "TO a"])
                == ["ann", "ann", "ben", "ben", "cay", "ben", "ben", "ann"])
    }

    @Test func `what a released savepoint has seen is kept`() {
        #expect(
            values(["LOCAL ann", "SAVEPOINT a", "SET ben", "RELEASE a", "COMMIT"])
                == ["ann", "ann", "ben", "ben", "ben"])
    }

    @Test func `a transaction that nobody began ends by how it went`() {
        #expect(values(["SET ann", "READY", "SET ben", "FAIL", "READY"]) == ["ann", "ann", "ben", "ben", "ann"])
        #expect(values(["LOCAL ann", "READY"]) == ["ann", nil])
    }

    @Test func `RESET goes back to whom the session began for`() {
        #expect(values(["SET ben", "RESET", "COMMIT"], initial: "ann") == ["ben", "ann", "ann"])
    }
}
