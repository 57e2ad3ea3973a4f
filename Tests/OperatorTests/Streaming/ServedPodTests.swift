import Kubernetes
import Testing

@testable import Operator

/// Whose gateway is told of connections, and goes on being told.
struct ServedPodTests {
    private func isServed(_ pod: ObservedPod, with connections: [JSON]) throws -> Bool {
        var view = ClusterView(platformNamespace: "weir-system")
        _ = view.take(.all(try connections.map { try APIObject($0) }), of: .connections, scope: nil)
        return view.goesOnServing(pod)
    }

    private func pod(app: String = "clinic-api", bastion: String? = nil) throws -> ObservedPod {
        var pod = Cast.pod("api", injectedWith: bastion == nil ? "hash" : nil)
        pod["metadata", "labels"] = ["app": .string(app)]
        if let bastion { pod["metadata", "labels", PodMark.bastion] = .string(bastion) }
        return ObservedPod(try APIObject(pod))
    }

    private static var unreadable: JSON {
        var connection = Cast.connection()
        connection["spec", "protocol"] = "carrier pigeon"
        return connection
    }

    @Test func `a pod is served while a connection selects it`() throws {
        let (selected, other) = (try pod(), try pod(app: "else"))
        #expect(try isServed(selected, with: [Cast.connection()]))
        #expect(try !isServed(other, with: [Cast.connection()]))
        #expect(try !isServed(selected, with: []))
        #expect(try !isServed(selected, with: [Cast.connection(in: "shop")]))
    }

    @Test func `a pod whose connection cannot be read any more is served all the same`() throws {
        let (injected, bastion, other) = (try pod(), try pod(bastion: "clinic"), try pod(bastion: "other"))
        #expect(try isServed(injected, with: [Self.unreadable]))
        #expect(try isServed(bastion, with: [Self.unreadable]))
        #expect(try !isServed(other, with: [Self.unreadable]))
    }
}
