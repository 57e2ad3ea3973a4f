package import Kubernetes
import Synchronization

/// Whether every node of the cluster restarts init containers, so that gateways can be native sidecars.
package final class NativeSidecars: Sendable {
    package enum Mode: String, Sendable, CaseIterable {
        case auto, always, never
    }

    /// Servers from this one on have no older nodes than can (they may be three versions behind).
    private static let sufficientServer = ServerVersion(major: 1, minor: 36)
    private static let sufficientNode = ServerVersion(major: 1, minor: 33)
    /// Between two looks: nodes come and go.
    private static let interval = Duration.seconds(60)
    /// The same until it is known: no selected pod is created before that. Ours.
    private static let firstInterval = Duration.seconds(5)

    private let mode: Mode
    private let observed = Mutex<Bool?>(nil)

    package init(_ mode: Mode) {
        self.mode = mode
    }

    /// `nil` while it is not known.
    package var areSupported: Bool? {
        switch mode {
        case .always: true
        case .never: false
        case .auto: observed.withLock(\.self)
        }
    }

    /// Looks until the task is cancelled.
    func run(_ server: any APIServer, report: @Sendable (APIError) -> Void) async {
        guard mode == .auto else { return }
        while !Task.isCancelled {
            do throws(APIError) {
                try await look(at: server)
            } catch {
                report(error)
            }
            try? await Task.sleep(for: areSupported == nil ? Self.firstInterval : Self.interval)
        }
    }

    package func look(at server: any APIServer) async throws(APIError) {
        do throws(APIError) {
            let all = try await allSuffice(server)
            observed.withLock { $0 = all }
        } catch {
            // Who may not look at nodes will not know later either.
            if case .refused(let failure) = error, failure.kind == .forbidden {
                observed.withLock { $0 = false }
            }
            throw error
        }
    }

    private func allSuffice(_ server: any APIServer) async throws(APIError) -> Bool {
        let version: ServerVersion
        do {
            version = try ServerVersion(try await server.answer(to: .version))
        } catch let error as APIError {
            throw error
        } catch {
            throw .malformed(MalformedAnswer("\(error)"))
        }
        return version >= Self.sufficientServer ? true : try await allNodesSuffice(server)
    }

    /// In a cluster without nodes there is nothing that could not.
    private func allNodesSuffice(_ server: any APIServer) async throws(APIError) -> Bool {
        let list = try await server.answer(to: .list(.nodes))
        return (list["items"]?.array ?? []).allSatisfy { node in
            let text = node["status", "nodeInfo", "kubeletVersion"]?.string ?? ""
            return Self.version(ofKubelet: text).map { $0 >= Self.sufficientNode } ?? false
        }
    }

    /// `v1.33.2+k3s1`.
    static func version(ofKubelet text: String) -> ServerVersion? {
        let parts = text.drop { $0 == "v" }.split(separator: ".", maxSplits: 2)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix(while: \.isNumber))
        else { return nil }
        return ServerVersion(major: major, minor: minor)
    }
}
