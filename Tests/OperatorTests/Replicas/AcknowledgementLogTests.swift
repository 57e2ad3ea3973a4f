import Kubernetes
import Testing

@testable import Operator

/// What replicas tell each other of gateways, in whatever order it arrives.
struct AcknowledgementLogTests {
    private let pod = PodIdentity(key: ObjectKey(namespace: "clinic", name: "api"), uid: "1")

    private func report(_ revision: String, age: Duration) -> AcknowledgementReport {
        AcknowledgementReport(pod: pod, acknowledgement: .init(revision: revision), age: age)
    }

    private func expect(_ isNews: Bool, _ said: Bool, at location: SourceLocation = #_sourceLocation) {
        #expect(said == isNews, sourceLocation: location)
    }

    @Test func `what was heard later counts, whoever heard it`() {
        var log = AcknowledgementLog()
        expect(true, log.hear(.init(revision: "a"), of: pod, at: .seconds(10)))
        expect(false, log.learn(report("old", age: .seconds(5)), at: .seconds(12)))
        #expect(log["1"]?.revision == "a")
        expect(true, log.learn(report("b", age: .seconds(1)), at: .seconds(12)))
        #expect(log["1"]?.revision == "b")
        expect(true, log.hear(.init(revision: "c"), of: pod, at: .seconds(13)))
        #expect(log["1"]?.revision == "c")
    }

    @Test func `the same again is no news`() {
        var log = AcknowledgementLog()
        expect(true, log.hear(.init(revision: "a"), of: pod, at: .zero))
        expect(false, log.hear(.init(revision: "a"), of: pod, at: .seconds(1)))
        expect(false, log.learn(report("a", age: .zero), at: .seconds(2)))
        expect(true, log.hear(.init(revision: "a", faults: ["no such mask"]), of: pod, at: .seconds(3)))
    }

    @Test func `a replica tells what it heard itself, at first everything`() {
        var log = AcknowledgementLog()
        let other = PodIdentity(key: ObjectKey(namespace: "clinic", name: "job"), uid: "2")
        _ = log.hear(.init(revision: "a"), of: pod, at: .seconds(1))
        let first = log.lastNumber
        _ = log.hear(.init(revision: "b"), of: other, at: .seconds(2))
        #expect(log.reports(after: first, at: .seconds(5)).map(\.pod.uid) == ["2"])
        #expect(log.reports(after: first, at: .seconds(5)).map(\.age) == [.seconds(3)])
        #expect(Set(log.reports(after: 0, at: .seconds(5)).map(\.pod.uid)) == ["1", "2"])
        _ = log.learn(report("c", age: .zero), at: .seconds(6))
        #expect(log.reports(after: 0, at: .seconds(7)).map(\.pod.uid) == ["2"])
    }

    @Test func `a pod that is gone is forgotten`() {
        var log = AcknowledgementLog()
        _ = log.hear(.init(revision: "a"), of: pod, at: .zero)
        log.forget("1")
        #expect(log["1"] == nil)
        #expect(log.reports(after: 0, at: .zero) == [])
    }

    @Test func `no more is learned than there is room for`() {
        var log = AcknowledgementLog()
        for number in 0..<AcknowledgementLog.maximumEntries {
            let pod = PodIdentity(key: ObjectKey(name: ""), uid: "filler-\(number)")
            _ = log.hear(.init(revision: "a"), of: pod, at: .zero)
        }
        expect(false, log.learn(report("a", age: .zero), at: .seconds(1)))
        log.forget("filler-0")
        expect(true, log.learn(report("a", age: .zero), at: .seconds(1)))
    }
}

struct ReplicaLineTests {
    @Test func `a line is read as it was written`() throws {
        let reports = (0..<250).map { number in
            AcknowledgementReport(
                pod: PodIdentity(
                    key: ObjectKey(namespace: "clinic", name: "api-\(number)"), uid: "\(number)"),
                acknowledgement: .init(revision: "abc", faults: number.isMultiple(of: 2) ? [] : ["é\"\n"]),
                age: .milliseconds(number))
        }
        let lines = ReplicaLine.lines(of: reports)
        #expect(lines.count == 3)
        let read = try lines.map { try ReplicaLine($0.bytes.dropLast()) }
        #expect(read == lines)
        for line in [ReplicaLine.heartbeat, .revocationsChanged] {
            #expect(try ReplicaLine(line.bytes) == line)
        }
    }

    @Test func `the longest line is within the limit`() {
        let fault = String(repeating: "\u{10FFFF}", count: Acknowledgement.maximumFaultLength)
        let report = AcknowledgementReport(
            pod: PodIdentity(
                key: ObjectKey(
                    namespace: String(repeating: "n", count: 253), name: String(repeating: "n", count: 253)),
                uid: String(repeating: "u", count: 36)),
            acknowledgement: .init(
                revision: String(repeating: "r", count: Acknowledgement.maximumRevisionLength),
                faults: Array(repeating: fault, count: Acknowledgement.maximumFaults)), age: .seconds(86_400))
        let line = ReplicaLine.acknowledgements(Array(repeating: report, count: ReplicaLine.maximumReports))
        #expect(line.bytes.count <= ReplicaLine.maximumLength)
    }

    @Test(arguments: ["", "{", "[]", #"{"type":"Other"}"#, "\u{0}"])
    func `what is no line ends the connection`(text: String) {
        #expect(throws: (any Error).self) { try ReplicaLine(Array(text.utf8)) }
    }

    @Test func `a gateway that cannot be read is left out`() throws {
        let text =
            #"{"type":"Acknowledgements","gateways":[{"uid":"1"},{"namespace":"n","name":"p","#
            + #""uid":"2","age":-1,"revision":"a","accepted":true},7]}"#
        #expect(try ReplicaLine(Array(text.utf8)) == .acknowledgements([]))
    }
}

struct ReplicaTests {
    @Test func `replicas are running pods of the same account with an address`() throws {
        let own = TokenAuthenticator.Workload(
            namespace: "weir-system", serviceAccount: "weir-operator", pod: "a", uid: "a")
        var view = ClusterView(platformNamespace: "weir-system")
        let pods: [(String, String, String, String)] = [
            ("a", "weir-operator", "10.0.0.1", "Running"), ("b", "weir-operator", "10.0.0.2", "Running"),
            ("c", "weir-audit-sink", "10.0.0.3", "Running"), ("d", "weir-operator", "", "Pending"),
            ("e", "weir-operator", "10.0.0.5", "Failed"), ("f", "weir-operator", "fd00::6", "Running"),
        ]
        let objects = try pods.map { name, account, address, phase in
            try APIObject([
                "apiVersion": "v1", "kind": "Pod",
                "metadata": [
                    "name": .string(name), "namespace": "weir-system", "uid": .string(name),
                    "resourceVersion": "1",
                ], "spec": ["serviceAccountName": .string(account)],
                "status": ["podIP": .string(address), "phase": .string(phase)],
            ])
        }
        _ = view.take(.all(objects), of: .pods, scope: nil)
        let urls = view.replicas(of: own).map { $0.url(port: 8443) }
        #expect(Set(urls) == ["https://10.0.0.2:8443", "https://[fd00::6]:8443"])
    }
}
