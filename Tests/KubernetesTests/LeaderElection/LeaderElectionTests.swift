import Kubernetes
import Testing

/// Transcripts of two processes and their lease; time is in seconds.
struct LeaderElectionTests {
    static let key = ObjectKey(namespace: "weir-system", name: "weir-operator")
    static let wallTime = Timestamp(microseconds: 1_795_858_200_000_000)
    static let read = LeaderElection.Action.read(key, timeLimit: .seconds(5))

    struct Transcript: ~Copyable {
        var election = LeaderElection(identity: "a", lease: key)
        var generator = LowestGenerator()

        mutating func at(
            _ seconds: Double, _ event: LeaderElection.Event, wallTime: Timestamp = wallTime
        ) -> [LeaderElection.Action] {
            election.receive(event, at: .seconds(seconds), wallTime: wallTime, using: &generator)
        }

        /// As the leader since second 0, whose lease has version 1.
        static func leading() -> Transcript {
            var transcript = Transcript()
            _ = transcript.at(0, .begun)
            _ = transcript.at(0, .notFound)
            _ = transcript.at(0, .written(lease("a", version: "1")))
            return transcript
        }
    }

    static func lease(
        _ holder: String, renewed: String = "2026-11-28T09:30:00.000000Z", transitions: Int64 = 0,
        seconds: Int64 = 15,
        version: String = "7"
    ) -> JSON {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": [
                "name": "weir-operator", "namespace": "weir-system", "resourceVersion": .string(version),
            ],
            "spec": [
                "holderIdentity": .string(holder), "leaseDurationSeconds": .integer(seconds),
                "acquireTime": "2026-11-28T09:30:00.000000Z", "renewTime": .string(renewed),
                "leaseTransitions": .integer(transitions),
            ],
        ]
    }

    static let conflict = LeaderElection.Event.failed(.refused(APIFailure(code: 409, nil)))

    @Test func `nobody's lease is made, with six digits of a second`() {
        var transcript = Transcript()
        #expect(transcript.at(0, .begun) == [Self.read])
        var created = Self.lease("a")
        created["metadata", "resourceVersion"] = nil
        #expect(transcript.at(0, .notFound) == [.create(created, timeLimit: .seconds(5))])
        #expect(transcript.at(0.1, .written(Self.lease("a"))) == [.lead, .wait(.seconds(2))])
    }

    @Test func `another's lease is left alone while it shows life, by our own clock`() {
        var transcript = Transcript()
        _ = transcript.at(0, .begun)
        // Written by a clock that is years behind.
        #expect(
            transcript.at(0, .found(Self.lease("b", renewed: "2001-01-01T00:00:00.000000Z"))) == [
                .wait(.seconds(2))
            ])
        #expect(transcript.at(14, .waited) == [Self.read])
        #expect(
            transcript.at(14, .found(Self.lease("b", renewed: "2001-01-01T00:00:14.000000Z"))) == [
                .wait(.seconds(2))
            ])
        _ = transcript.at(28.9, .waited)
        #expect(
            transcript.at(28.9, .found(Self.lease("b", renewed: "2001-01-01T00:00:14.000000Z"))) == [
                .wait(.seconds(2))
            ])
        _ = transcript.at(29, .waited)
        var taken = Self.lease("a", transitions: 1)
        taken["metadata", "labels"] = ["kept": "yes"]
        var found = Self.lease("b", renewed: "2001-01-01T00:00:14.000000Z")
        found["metadata", "labels"] = ["kept": "yes"]
        #expect(transcript.at(29, .found(found)) == [.update(taken, timeLimit: .seconds(5))])
    }

    @Test func `a released lease is taken at once`() {
        var transcript = Transcript()
        _ = transcript.at(0, .begun)
        #expect(
            transcript.at(0, .found(Self.lease("", transitions: 3, seconds: 1)))
                == [.update(Self.lease("a", transitions: 4), timeLimit: .seconds(5))])
    }

    @Test(arguments: [0, -1, 90_000, .max] as [Int64])
    func `a duration that makes no sense is ours`(seconds: Int64) {
        var transcript = Transcript()
        _ = transcript.at(0, .begun)
        let lease = Self.lease("b", transitions: .max, seconds: seconds)
        #expect(transcript.at(0, .found(lease)) == [.wait(.seconds(2))])
        _ = transcript.at(14.9, .waited)
        #expect(transcript.at(14.9, .found(lease)) == [.wait(.seconds(2))])
        _ = transcript.at(15, .waited)
        #expect(
            transcript.at(15, .found(lease)) == [
                .update(Self.lease("a", transitions: .max), timeLimit: .seconds(5))
            ])
    }

    @Test func `who comes second to a free lease waits`() {
        var transcript = Transcript()
        _ = transcript.at(0, .begun)
        _ = transcript.at(0, .notFound)
        #expect(transcript.at(0, Self.conflict) == [.wait(.seconds(2))])
        #expect(transcript.at(2, .waited) == [Self.read])
        #expect(transcript.at(2, .failed(.transport(.timedOut))) == [.wait(.seconds(2))])
    }

    @Test func `a leader renews every two seconds`() {
        var transcript = Transcript.leading()
        let later = Timestamp(microseconds: Self.wallTime.microseconds + 2_000_000)
        let renewed = Self.lease("a", renewed: "2026-11-28T09:30:02.000000Z", version: "1")
        #expect(transcript.at(2, .waited, wallTime: later) == [.update(renewed, timeLimit: .seconds(5))])
        #expect(transcript.at(2.1, .written(renewed)) == [.wait(.seconds(2))])
    }

    @Test func `a leader stops ten seconds after its last renewal was sent`() {
        var transcript = Transcript.leading()
        #expect(transcript.at(2, .waited).count == 1)
        #expect(transcript.at(7, .failed(.transport(.timedOut))) == [.wait(.seconds(2))])
        #expect(transcript.at(9, .waited) == [.update(Self.lease("a", version: "1"), timeLimit: .seconds(1))])
        #expect(transcript.at(10, .failed(.transport(.timedOut))) == [.stopLeading, .end])
        #expect(transcript.at(11, .waited) == [])
    }

    @Test func `a leader that was asleep stops before it does anything`() {
        var transcript = Transcript.leading()
        #expect(transcript.at(3600, .waited) == [.stopLeading, .end])
        transcript = .leading()
        _ = transcript.at(2, .waited)
        #expect(transcript.at(13, .written(Self.lease("a"))) == [.stopLeading, .end])
    }

    @Test func `a wall clock that jumps changes nothing`() {
        var transcript = Transcript.leading()
        let past = Timestamp(microseconds: 0)
        #expect(
            transcript.at(2, .waited, wallTime: past)
                == [
                    .update(
                        Self.lease("a", renewed: "1970-01-01T00:00:00.000000Z", version: "1"),
                        timeLimit: .seconds(5))
                ])
        #expect(transcript.at(2, .written(Self.lease("a"))) == [.wait(.seconds(2))])
    }

    @Test func `a stolen lease ends leading, one that was merely labelled does not`() {
        var transcript = Transcript.leading()
        _ = transcript.at(2, .waited)
        #expect(transcript.at(2, Self.conflict) == [Self.read])
        #expect(transcript.at(2, .found(Self.lease("b"))) == [.stopLeading, .end])
        transcript = .leading()
        _ = transcript.at(2, .waited)
        _ = transcript.at(2, Self.conflict)
        #expect(transcript.at(2, .found(Self.lease("a", version: "9"))) == [.wait(.seconds(2))])
        #expect(transcript.at(4, .waited) == [.update(Self.lease("a", version: "9"), timeLimit: .seconds(5))])
        #expect(transcript.at(4, .failed(.refused(APIFailure(code: 404, nil)))) == [.wait(.seconds(2))])
    }

    @Test func `a lease that was deleted ends leading`() {
        var transcript = Transcript.leading()
        _ = transcript.at(2, .waited)
        let json: JSON = ["kind": "Status", "reason": "NotFound", "details": ["name": "weir-operator"]]
        #expect(transcript.at(2, .failed(.refused(APIFailure(code: 404, Status(json))))) == [Self.read])
        #expect(transcript.at(2, .notFound) == [.stopLeading, .end])
    }

    @Test func `a leader that is to end stops first and then releases`() {
        var transcript = Transcript.leading()
        #expect(
            transcript.at(1, .terminated)
                == [.stopLeading, .update(Self.lease("", seconds: 1, version: "1"), timeLimit: .seconds(2))])
        #expect(transcript.at(1, .written(Self.lease(""))) == [.end])
        #expect(transcript.at(1, .waited) == [])
    }

    @Test func `a follower that is to end ends`() {
        var transcript = Transcript()
        _ = transcript.at(0, .begun)
        #expect(transcript.at(0, .terminated) == [.end])
    }
}
