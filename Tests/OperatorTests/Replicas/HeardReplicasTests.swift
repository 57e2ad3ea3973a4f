import Testing

@testable import Operator

struct HeardReplicasTests {
    private let one = Replica(uid: "1", address: "::1")
    private let other = Replica(uid: "2", address: "::2")

    @Test func `a replica that is out of sight for one look is not heard twice`() {
        let heard = HeardReplicas()
        #expect(heard.begin([one]) == [one])
        #expect(heard.begin([]) == [])
        #expect(heard.begin([one, other]) == [other])
    }

    @Test func `one whose stream has ended is heard again`() {
        let heard = HeardReplicas()
        #expect(heard.begin([one, other]) == [one, other])
        heard.end(one)
        #expect(heard.begin([one, other]) == [one])
    }
}
