import API
import Testing

@testable import Manifests

/// What an operator renders for a pod: lists in JSON, parts of a cluster's state.
struct RenderedTests {
    private static let connection = """
        {"apiVersion":"weir.dev/v1alpha1","kind":"DatabaseConnection",\
        "metadata":{"name":"NAME","namespace":"clinic","labels":{"tier":"a"}},\
        "spec":{"protocol":"postgres","upstream":{"host":"db"},"listen":{"port":PORT},\
        "credentials":{"type":"SecretRef","secretRef":{"name":"s"}},"podSelector":{"matchLabels":{"app":"a"}}}}
        """
    private static let policy = """
        {"apiVersion":"weir.dev/v1alpha1","kind":"MaskingPolicy","metadata":{"name":"p","namespace":"NAMESPACE"},\
        "spec":{"targets":TARGETS,"rules":[{"name":"r","match":{"columns":["COLUMN"]},"action":{"type":"Redact"}}]}}
        """

    private static func connection(_ name: String, port: Int) -> String {
        connection.replacing("NAME", with: name).replacing("PORT", with: "\(port)")
    }

    private static func policy(
        _ column: String, targets: String = #"{"connectionNames":["a","elsewhere"]}"#,
        in namespace: String = "clinic"
    ) -> String {
        policy.replacing("COLUMN", with: column).replacing("TARGETS", with: targets)
            .replacing("NAMESPACE", with: namespace)
    }

    private static func list(_ objects: String...) -> String {
        #"{"apiVersion":"v1","kind":"List","items":[\#(objects.joined(separator: ","))]}"#
    }

    private func read(
        _ files: String..., connections: Set<String>? = nil, origin: ManifestOrigin = .rendered
    ) throws -> ManifestSet {
        let files = files.enumerated().map { ManifestFile(path: "\($0).yaml", bytes: Array($1.utf8)) }
        return try ManifestSet.read(files, namespace: "clinic", connections: connections, origin: origin)
    }

    @Test func `an object that binds two connections is one`() throws {
        let set = try read(
            Self.list(Self.connection("a", port: 1), Self.policy("ssn")),
            Self.list(Self.connection("b", port: 2), Self.policy("ssn")))
        #expect(set.connections.map(\.metadata.name) == ["a", "b"])
        #expect(set.maskingPolicies.count == 1)
    }

    @Test func `two states of one object are a fault`() {
        #expect(throws: ManifestFaults.self) {
            try read(
                Self.list(Self.connection("a", port: 1), Self.policy("ssn")),
                Self.list(Self.connection("b", port: 2), Self.policy("name")))
        }
    }

    @Test func `of two states of which the operator says how late they are the later holds`() throws {
        func policy(_ column: String, generation: Int) -> String {
            Self.policy(column).replacing(
                #""name":"p","#,
                with: #""name":"p","annotations":{"weir.dev/generation":"\#(generation)"},"#)
        }
        let kept = Self.list(Self.connection("a", port: 1), policy("ssn", generation: 9))
        let later = Self.list(Self.connection("b", port: 2), policy("name", generation: 10))
        let next = Self.list(Self.connection("c", port: 3), policy("name", generation: 10))
        for set in [try read(kept, later, next), try read(later, kept, next), try read(later, next, kept)] {
            #expect(set.connections.map(\.metadata.name) == ["a", "b", "c"])
            #expect(set.maskingPolicies.map(\.metadata.generation) == ["10"])
            #expect(set.revision == (try read(kept, later, next)).revision)
        }
        #expect(throws: ManifestFaults.self) { try read(kept, later, origin: .written) }
        let other = Self.list(Self.connection("b", port: 2), policy("name", generation: 9))
        #expect(throws: ManifestFaults.self) { try read(kept, other) }
    }

    @Test func `what people write twice is a fault, however equal`() {
        #expect(throws: ManifestFaults.self) {
            try read(Self.connection("a", port: 1), Self.connection("a", port: 1), origin: .written)
        }
    }

    @Test func `only the connections that are asked for count`() throws {
        let set = try read(
            Self.list(Self.connection("a", port: 1)), Self.list(Self.connection("b", port: 1)),
            connections: ["a"])
        #expect(set.connections.map(\.metadata.name) == ["a"])
        #expect(throws: ManifestFaults.self) {
            try read(Self.list(Self.connection("a", port: 1)), Self.list(Self.connection("b", port: 1)))
        }
    }

    @Test func `a policy may name connections of other pods`() throws {
        let files = Self.list(Self.connection("a", port: 1), Self.policy("ssn"))
        #expect(try read(files).maskingPolicies.count == 1)
        #expect(throws: ManifestFaults.self) { try read(files, origin: .written) }
    }

    @Test func `the operator says which namespace is the platform's`() throws {
        let targets =
            #"{"connectionSelector":{"matchLabels":{"tier":"a"}},"namespaceSelector":{"matchLabels":{"x":"y"}}}"#
        let set = try read(
            Self.list(Self.connection("a", port: 1), Self.policy("ssn", targets: targets, in: "weir")))
        #expect(set.maskingPolicies.map(\.metadata.namespace) == ["weir"])
    }

    @Test func `a list is read from the stream as from a file`() throws {
        let objects = Self.list(Self.connection("a", port: 1), Self.policy("ssn"))
        let line = #"{"type":"Configuration","revision":"r1","manifests":\#(objects)}"#
        guard case .configuration("r1", let manifests) = try ConfigurationMessage(line: Array(line.utf8))
        else {
            Issue.record("is no configuration")
            return
        }
        let streamed = try ManifestSet.read(rendered: manifests, namespace: "clinic", connections: ["a"])
        #expect(streamed.revision == (try read(objects)).revision)
    }

    @Test func `what is no list is a fault`() throws {
        for text in ["{}", "[]", #"{"apiVersion":"v1","kind":"List"}"#, Self.connection("a", port: 1)] {
            let line = #"{"type":"Configuration","revision":"r1","manifests":\#(text)}"#
            guard case .configuration(_, let manifests) = try ConfigurationMessage(line: Array(line.utf8))
            else {
                Issue.record("is no configuration")
                return
            }
            #expect(throws: ManifestFaults.self) {
                try ManifestSet.read(rendered: manifests, namespace: "clinic")
            }
        }
    }
}

struct ConfigurationMessageTests {
    private func message(_ line: String) throws -> ConfigurationMessage {
        try ConfigurationMessage(line: Array(line.utf8))
    }

    @Test func `each type is read`() throws {
        #expect(
            try message(
                #"{"type":"Workload","namespace":"n","serviceAccount":"s","pod":"p","uid":"u","new":1}"#)
                == .workload(AttestedWorkload(namespace: "n", serviceAccount: "s", pod: "p", uid: "u")))
        #expect(
            try message(
                #"{"type":"Workload","namespace":"n","serviceAccount":"s","pod":"p","uid":"u","owner":"o"}"#)
                == .workload(
                    AttestedWorkload(
                        namespace: "n", serviceAccount: "s", pod: "p", uid: "u", owner: "o")))
        #expect(try message(#"{"type":"Heartbeat"}"#) == .heartbeat)
        #expect(try message(#"{"type":"Tomorrow"}"#) == .unknown)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "1", #"{"type":1}"#, #"{"type":"Workload"}"#, #"{"type":"Configuration"}"#,
        #"{"type":"Configuration","revision":"1"}"#,
        #"{"type":"Workload","namespace":"","serviceAccount":"s","pod":"p"}"#,
        "{\"type\":\"Heartbeat\"}\n---\n{}",
    ])
    func `what is no message is refused`(line: String) {
        #expect(throws: ManifestFault.self) { try message(line) }
    }

    @Test func `what cannot be read of an answer is a fault of its question alone`() throws {
        func answer(_ id: String, _ reason: String = "no") -> String {
            #"{"type":"Approval","answer":{"id":"\#(id)","request":"a-1","state":"Denied","decisions":[{"#
                + #""approver":"ana","verdict":"Deny","reason":"\#(reason)","time":"2026-11-29T09:00:00Z"}]}}"#
        }
        guard case .approval(let read) = try message(answer("a-1")) else {
            Issue.record("is no answer")
            return
        }
        #expect(read.state == .denied && read.decisions.map(\.reason) == ["no"])
        #expect(
            try message(answer("a-1", #"not\nnow"#))
                == .unreadableApproval(id: "a-1", reason: "decisions[0].reason: holds a control character"))
        #expect(throws: ManifestFault.self) { try message(answer("", #"not\nnow"#)) }
        #expect(throws: ManifestFault.self) { try message(#"{"type":"Approval","answer":1}"#) }
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `lines are the same in pieces of any size`(size: Int) {
        let bytes = Array("one\r\n\ntwo\nthree".utf8)
        var decoder = LineDecoder(limit: 5)
        var lines: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines += decoder.append(Array(bytes[start..<min(start + size, bytes.count)])) ?? []
        }
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "two"])
    }

    @Test func `a line has a limit, ended or not`() {
        for (text, isWithin) in [
            ("12345\n", true), ("12345\r\n", true), ("12345", true), ("123456\n", false), ("1234567", false),
        ] {
            var decoder = LineDecoder(limit: 5)
            #expect((decoder.append(Array(text.utf8)) != nil) == isWithin, "\(text)")
        }
    }
}
