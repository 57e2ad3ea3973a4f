import API
import Manifests
import Testing

@testable import Gateway

struct StreamMachineTests {
    private let list = ManifestNode(.mapping([]), at: .init(file: "stream", line: 1, column: 1))

    /// Connected, and nothing received yet.
    private func open() -> StreamMachine {
        var machine = StreamMachine(namespace: "clinic")
        _ = machine.receive(.due, chance: 0)
        _ = machine.receive(.answered(status: 200), chance: 0)
        return machine
    }

    @Test func `a configuration is applied and acknowledged`() {
        var machine = StreamMachine(namespace: "clinic")
        #expect(machine.receive(.due, chance: 0) == [.connect])
        #expect(machine.receive(.answered(status: 200), chance: 0) == [.opened])
        let workload = AttestedWorkload(namespace: "clinic", serviceAccount: "api", pod: "api-0", uid: "u")
        #expect(machine.receive(.received(.workload(workload)), chance: 0) == [.attest(workload)])
        #expect(
            machine.receive(.received(.configuration(revision: "1", manifests: list)), chance: 0)
                == [.apply(revision: "1", manifests: list)])
        #expect(
            machine.receive(.settled(revision: "1", faults: []), chance: 0)
                == [.acknowledge(revision: "1", faults: [])])
    }

    @Test func `one that cannot be applied is refused, and the stream goes on`() {
        var machine = open()
        #expect(
            machine.receive(.settled(revision: "1", faults: ["no"]), chance: 0)
                == [.acknowledge(revision: "1", faults: ["no"])])
        #expect(machine.receive(.received(.heartbeat), chance: 0) == [])
        #expect(
            machine.receive(.received(.authorityCurrent(revision: "r")), chance: 0) == [
                .confirm(revision: "r")
            ])
        #expect(machine.receive(.received(.authority(line: [1])), chance: 0) == [.authorize(line: [1])])
        #expect(machine.receive(.received(.unknown), chance: 0) == [])
        #expect(
            machine.receive(.received(.configuration(revision: "2", manifests: list)), chance: 0)
                == [.apply(revision: "2", manifests: list)])
    }

    @Test func `an answer that cannot be read refuses its statement, and the stream goes on`() {
        var machine = open()
        #expect(
            machine.receive(.received(.unreadableApproval(id: "a", reason: "no")), chance: 0)
                == [.refuse(id: "a", reason: "no")])
        #expect(machine.receive(.received(.heartbeat), chance: 0) == [])
        #expect(machine.receive(.received(.authority(line: [1])), chance: 0) == [.authorize(line: [1])])
    }

    @Test(arguments: [(0.0, Duration.seconds(1)), (0.5, .milliseconds(15_500)), (1.0, .seconds(30))])
    func `the next attempt waits for 1 to 30 seconds`(chance: Double, delay: Duration) {
        var machine = open()
        #expect(
            machine.receive(.ended(reason: "silence"), chance: chance)
                == [.lost, .tell(reason: "silence"), .wait(delay)])
    }

    @Test func `the first attempts follow each other within a second`() {
        var machine = StreamMachine(namespace: "clinic")
        for attempt in 1...11 {
            _ = machine.receive(.due, chance: 0)
            let delay = machine.receive(.answered(status: 403), chance: 1).last
            #expect(delay == .wait(.seconds(attempt < 10 ? 1 : 30)))
        }
    }

    @Test(arguments: [401, 403, 503, 500, 302, 204])
    func `any other status than 200 is none`(status: Int) {
        var machine = StreamMachine(namespace: "clinic")
        _ = machine.receive(.due, chance: 0)
        let actions = machine.receive(.answered(status: status), chance: 0)
        // A pod whose token is refused is no longer who it was.
        #expect(actions.contains(.disown) == (status == 401))
        #expect(actions.filter { $0 != .disown }.prefix(2) == [.close, .lost])
        #expect(actions.last == .wait(.milliseconds(250)))
        #expect(machine.receive(.received(.heartbeat), chance: 0) == [])
        #expect(machine.receive(.due, chance: 0) == [.connect])
    }

    @Test func `of failures in a row the first is told`() {
        var machine = StreamMachine(namespace: "clinic")
        _ = machine.receive(.due, chance: 0)
        #expect(machine.receive(.ended(reason: "a"), chance: 0).contains(.tell(reason: "a")))
        _ = machine.receive(.due, chance: 0)
        #expect(machine.receive(.ended(reason: "b"), chance: 0) == [.lost, .wait(.milliseconds(250))])
        _ = machine.receive(.due, chance: 0)
        _ = machine.receive(.answered(status: 200), chance: 0)
        #expect(machine.receive(.ended(reason: "c"), chance: 0).contains(.tell(reason: "c")))
    }

    @Test func `another namespace's workload ends the stream`() {
        var machine = open()
        let other = AttestedWorkload(namespace: "other", serviceAccount: "api", pod: "api-0", uid: "u")
        let actions = machine.receive(.received(.workload(other)), chance: 0)
        #expect(actions.prefix(2) == [.close, .lost])
        #expect(machine.receive(.received(.configuration(revision: "1", manifests: list)), chance: 0) == [])
    }

    @Test func `what comes of a connection that is gone is passed over`() {
        var machine = StreamMachine(namespace: "clinic")
        for event in [
            StreamMachine.Event.answered(status: 200), .received(.heartbeat), .ended(reason: ""),
            .settled(revision: "1", faults: []),
        ] {
            #expect(machine.receive(event, chance: 0) == [])
        }
    }
}

struct ConfigurationAcknowledgementTests {
    @Test func `says what is in force`() {
        let body = ConfigurationAcknowledgement(revision: "ab", faults: []).body
        #expect(String(decoding: body, as: UTF8.self) == #"{"revision":"ab","accepted":true}"#)
    }

    @Test func `says why it is not, in JSON whatever the text`() {
        let body = ConfigurationAcknowledgement(revision: "ab", faults: ["a \"b\" \\ \n é", "c"]).body
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"revision":"ab","accepted":false,"faults":["a \"b\" \\ \u000a é","c"]}"#)
    }

    @Test func `has a limit`() {
        let long = String(repeating: "x", count: 10_000)
        let body = ConfigurationAcknowledgement(revision: "ab", faults: Array(repeating: long, count: 1000))
            .body
        #expect(body.count < 11_000)
    }
}
