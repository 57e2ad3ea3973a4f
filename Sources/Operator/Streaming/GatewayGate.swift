import Hummingbird
import Kubernetes
import Logging

/// Which pod's gateway asks, by its token.
struct GatewayGate: Sendable {
    let state: ClusterState
    let authenticator: TokenAuthenticator
    let logger: Logger

    /// - Throws: 401, and 503 while it cannot be said.
    func authenticate(_ request: Request) async throws -> TokenAuthenticator.Workload {
        guard state.isSynced else {
            throw HTTPError(.serviceUnavailable, message: "the resources have not been read yet")
        }
        switch await authenticator.judge(try token(of: request)) {
        case .workload(let workload): return workload
        case .refused(let reason):
            logger.warning("token refused", metadata: ["reason": "\(reason)"])
            throw HTTPError(.unauthorized, message: "the token is refused")
        case .unknown: throw HTTPError(.serviceUnavailable, message: "the token cannot be judged now")
        }
    }

    func token(of request: Request) throws(HTTPError) -> String {
        let authorization = request.headers[.authorization] ?? ""
        guard authorization.hasPrefix("Bearer ") else {
            throw HTTPError(.unauthorized, message: "a pod's token is needed")
        }
        return String(authorization.dropFirst("Bearer ".count))
    }

    /// `nil` for one that is gone, or is another of its name.
    func pod(of workload: TokenAuthenticator.Workload) -> ObservedPod? {
        let pod = state.withView { view in
            view.pod(ObjectKey(namespace: workload.namespace, name: workload.pod))
        }
        return pod?.uid == workload.uid ? pod : nil
    }
}
