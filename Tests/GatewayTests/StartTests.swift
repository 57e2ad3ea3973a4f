import Foundation
import Logging
import Manifests
import Networking
import Testing

@testable import Gateway

/// What a gateway does not start with, and how that is told.
struct StartTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: "\(folder)/people", withIntermediateDirectories: true)
    }

    private func configuration(
        sink: String = "http://127.0.0.1:9440", users: String = "people", connections: Set<String>? = nil,
        namespace: String = "clinic", hasOperator: Bool = false
    ) -> GatewayConfiguration {
        GatewayConfiguration(
            manifests: folder, namespace: namespace, connections: connections, secrets: folder, data: folder,
            sink: sink, name: "", listenAddresses: [], clientTLS: nil, requiresTLS: false, users: users,
            userGroups: [:], workload: nil, logLevel: .info,
            controlPlane: hasOperator
                ? .init(url: "https://operator", certificateAuthorities: "", token: "") : nil)
    }

    @Test func `a sink without a scheme is told with its option`() throws {
        try configuration().check()
        let fault = #expect(throws: GatewayFault.self) { try configuration(sink: "127.0.0.1:9440").check() }
        #expect(fault?.description == "--sink 127.0.0.1:9440: give http:// or https://")
    }

    @Test func `users that there are not are told, unless they may come`() throws {
        let fault = #expect(throws: GatewayFault.self) { try configuration(users: "nosuch").check() }
        #expect(fault?.description == "--users nosuch: \(folder) holds no folder of that name")
        for name in ["..", "a/b", ""] {
            #expect(throws: GatewayFault.self) { try configuration(users: name).check() }
        }
        try configuration(users: "nosuch", hasOperator: true).check()
    }

    @Test(
        arguments: [
            (
                ["clinc"], "clinic",
                """
                the manifests hold no DatabaseConnection clinc in namespace clinic; there is clinic/main: \
                see --connections and --namespace
                """
            ),
            (
                nil, "other",
                """
                the manifests hold no DatabaseConnection in namespace other; there is clinic/main: see --namespace
                """
            ),
        ] as [(Set<String>?, String, String)])
    func `connections that there are not are told beside those there are`(
        connections: Set<String>?, namespace: String, message: String
    ) throws {
        try SampleConnection.manifest.write(toFile: "\(folder)/main.yaml", atomically: false, encoding: .utf8)
        let folder = ConfigurationFolder(
            configuration(connections: connections, namespace: namespace), logger: Logger(label: "test"))
        let fault = #expect(throws: GatewayFault.self) { try folder.load() }
        #expect(fault?.description == message)
    }

    @Test func `a listener that others reach without TLS is told with its options`() {
        let hosts = [
            "127.0.0.1", "127.1.2.3", "::1", "localhost", "0.0.0.0", "::", "192.0.2.1", "db.example",
        ]
        var gateway = configuration()
        let told = { (gateway: GatewayConfiguration) -> [String?] in
            hosts.map { gateway.cleartextRemedy(at: .tcp(host: $0, port: 15432)) }
        }
        let loopback = "a --listen-address of the loopback interface"
        let every = "give --tls-certificate, --tls-key and --require-tls, or \(loopback)"
        #expect(told(gateway) == [nil, nil, nil, nil, every, every, every, every])
        #expect(gateway.cleartextRemedy(at: .unix(path: "/run/weir.sock")) == nil)
        gateway.clientTLS = GatewayConfiguration.TLSFiles(certificate: "c.pem", key: "k.pem")
        let last = "give --require-tls, or \(loopback)"
        #expect(told(gateway) == [nil, nil, nil, nil, last, last, last, last])
        gateway.requiresTLS = true
        #expect(told(gateway).allSatisfy { $0 == nil })
    }

    @Test func `a certificate that is none is told with its file`() throws {
        let (certificate, key) = ("\(folder)/c.pem", "\(folder)/k.pem")
        for file in [certificate, key] {
            try "nothing".write(toFile: file, atomically: false, encoding: .utf8)
        }
        let fault = #expect(throws: GatewayFault.self) {
            try ClientTLS(.init(certificate: certificate, key: key), logger: Logger(label: "test"))
        }
        #expect(fault?.description.hasPrefix("--tls-certificate \(certificate): certificate: ") == true)
    }
}
