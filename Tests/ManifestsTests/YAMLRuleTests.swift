import API
import Testing

@testable import Manifests
@testable import YAML

/// What a manifest may be written like.
struct YAMLRuleTests {
    @Test(arguments: [
        ("metadata: &m {name: clinic", "f.yaml:3: metadata: has an anchor, which manifests may not use"),
        (
            "metadata: {<<: {}, name: clinic",
            "f.yaml:3: metadata: has a merge key, which manifests may not use"
        ),
        ("metadata: {name: !secret clinic", "f.yaml:3: metadata.name: has a tag that manifests may not use"),
        ("metadata: !!seq {name: clinic", "f.yaml:3: metadata: has a tag that manifests may not use"),
        ("metadata: {name: !!int clinic", "f.yaml:3: metadata.name: has a tag that manifests may not use"),
        ("metadata: {name: clinic, name: clinic", "f.yaml:3: metadata.name: is defined twice"),
        (
            "metadata: {1: x, name: clinic",
            "f.yaml:3: metadata: has a key that is an integer; put it in quotes"
        ),
        ("metadata: {name: 7", "f.yaml:3: metadata.name: is an integer, not a string; put it in quotes"),
        ("metadata: {name: 1.5", "f.yaml:3: metadata.name: is a number, not a string; put it in quotes"),
        ("metadata: {name: true", "f.yaml:3: metadata.name: is a boolean, not a string; put it in quotes"),
        ("metadata: {name: ~", "f.yaml:3: metadata.name: has no value; give it one or leave it out"),
        (
            "metadata: {name: no",
            "f.yaml:3: metadata.name: could be a boolean: write true or false, or put it in quotes"
        ),
        (
            "metadata: {name: 0644",
            "f.yaml:3: metadata.name: could be a number: write it in decimal, or put it in quotes"
        ),
        (
            "metadata: {name: 0x1F",
            "f.yaml:3: metadata.name: could be a number: write it in decimal, or put it in quotes"
        ),
    ])
    func `what a reader could take for something else is a fault`(written: String, fault: String) {
        let text = Samples.connection.replacing("metadata: {name: clinic", with: written)
        #expect(faults(in: text).contains(fault), "\(faults(in: text))")
    }

    @Test func `an alias is not followed`() {
        let text = Samples.connection.replacing("upstream: {host: db,", with: "upstream: {host: *db,")
        #expect(faults(in: text).contains { $0.contains("spec.upstream.host: is an alias") })
    }

    @Test(arguments: [#""clinic""#, "'clinic'", "!!str clinic", "! clinic"])
    func `a name in any core notation is a string`(written: String) {
        let text = Samples.connection.replacing("{name: clinic,", with: "{name: \(written),")
        #expect(faults(in: text).isEmpty)
    }

    @Test func `a quoted number is a string and no port`() {
        let text = Samples.connection.replacing("port: 15432", with: "port: \"15432\"")
        #expect(faults(in: text) == ["f.yaml:9: spec.listen.port: is a string, not an integer"])
    }

    @Test(arguments: [
        "[", "a: b: c", "\tkind: x", "a: 'b", "%YAML 3.0\n---\na", "- a\nb: c", "\u{1}", "{a: b", "a: *x",
    ])
    func `what is no manifest is a fault with a line`(text: String) throws {
        let fault = try #require(faults(in: text).first)
        #expect(fault.hasPrefix("f.yaml:1: ") || fault.hasPrefix("f.yaml:2: "), "\(fault)")
    }

    @Test func `bytes that are not UTF-8 are a fault`() {
        let told = faults(in: [ManifestFile(path: "f.yaml", bytes: Array("a: ".utf8) + [0xFF, 0xFE])])
        #expect(told.count == 1)
    }

    @Test func `documents of others are none of ours, whatever they contain`() {
        let foreign = """
            apiVersion: v1
            kind: Secret
            metadata: &m {name: no}
            data: *m
            ---
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            ---
            """
        #expect(faults(in: "\(foreign)\n\(Samples.all)\n---\n---\n# nothing\n").isEmpty)
    }

    @Test func `a policy whose group is misspelled is not passed over`() {
        let text = Samples.all.replacing(
            "apiVersion: weir.dev/v1alpha1\nkind: Mask", with: "apiVersion: wier.dev/v1\nkind: Mask")
        #expect(faults(in: text) == ["f.yaml:11: apiVersion: is not weir.dev/v1alpha1"])
    }

    @Test func `a second apiVersion does not make an object foreign`() {
        let text = Samples.policy.replacing("kind: Mask", with: "apiVersion: v1\nkind: Mask")
        #expect(
            faults(in: Samples.connection + "\n---\n" + text) == ["f.yaml:12: apiVersion: is defined twice"])
    }

    @Test(arguments: ["ApprovalRequest", "Maskingpolicy"])
    func `another kind of our group is a fault`(kind: String) {
        let told = faults(in: "apiVersion: weir.dev/v1alpha1\nkind: \(kind)\n")
        #expect(told.count == 1 && told[0].hasPrefix("f.yaml:2: kind: is no kind of weir.dev"))
    }

    @Test func `nesting is followed to its limit and no further`() throws {
        let allowed = String(repeating: "[", count: YAMLDocument.maximumDepth)
        let closing = String(repeating: "]", count: YAMLDocument.maximumDepth)
        #expect(try YAMLDocument.all(in: Array("\(allowed)\(closing)".utf8), file: "f").count == 1)
        #expect(throws: ManifestFault.self) {
            try YAMLDocument.all(in: Array("[\(allowed)\(closing)]".utf8), file: "f")
        }
    }

    @Test func `documents are read to their limit and no further`() throws {
        let allowed = String(repeating: "---\na\n", count: YAMLDocument.maximumCount)
        #expect(try YAMLDocument.all(in: Array(allowed.utf8), file: "f").count == YAMLDocument.maximumCount)
        #expect(throws: ManifestFault.self) {
            try YAMLDocument.all(in: Array("\(allowed)---\na\n".utf8), file: "f")
        }
    }

    @Test func `values are read to their limit and no further`() throws {
        let allowed = String(repeating: "- a\n", count: YAMLDocument.maximumNodes - 1)
        #expect(try YAMLDocument.all(in: Array(allowed.utf8), file: "f").count == 1)
        #expect(throws: ManifestFault.self) {
            try YAMLDocument.all(in: Array("\(allowed)- a\n".utf8), file: "f")
        }
    }
}
