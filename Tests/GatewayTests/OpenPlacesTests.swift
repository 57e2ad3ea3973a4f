import NIOCore
import Networking
import Testing

@testable import Gateway

/// Where clients are let in, and to whom.
struct OpenPlacesTests {
    private let loop = EventLoops.shared.next()

    /// What is left of a place that is expected again with other permissions.
    private func changed(
        _ endpoint: Endpoint, to permissions: UInt32
    ) async throws -> (connection: String?, isOpen: Bool) {
        let listener = try await Listener.bind(
            .tcp(host: "127.0.0.1", port: 0), accepts: false, on: loop
        ) { _ in }
        let left = try await loop.submit {
            let place = ListeningPlace(endpoint: endpoint, permissions: 0o777)
            var places = OpenPlaces()
            places.change(
                to: [(place: place, connection: "clinic/main")], with: [(place: place, listener: listener)])
            let changed = ListeningPlace(endpoint: endpoint, permissions: permissions)
            places.change(to: [(place: changed, connection: "clinic/main")], with: [])
            return (connection: places.connection(at: endpoint), isOpen: listener.isActive)
        }.get()
        try? await listener.close()
        return left
    }

    @Test func `a place whose permissions cannot be changed is closed`() async throws {
        // There is no such file.
        let endpoint = Endpoint.unix(path: "/nowhere/weir-\(UInt64.random(in: 0 ... .max))")
        let left = try await changed(endpoint, to: 0o700)
        #expect(left.connection == nil)
        #expect(!left.isOpen)
    }

    @Test func `a place stays open with the permissions it has, and without any`() async throws {
        let kept: [(Endpoint, UInt32)] = [
            (.unix(path: "/nowhere"), 0o777), (.tcp(host: "127.0.0.1", port: 5432), 0o700),
        ]
        for (endpoint, permissions) in kept {
            let left = try await changed(endpoint, to: permissions)
            #expect(left.connection == "clinic/main")
            #expect(left.isOpen)
        }
    }
}
