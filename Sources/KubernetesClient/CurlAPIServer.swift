package import Kubernetes

/// A real API server, reached by libcurl.
package final class CurlAPIServer: APIServer {
    package struct Limits: Sendable, Equatable {
        package var connecting = Duration.seconds(30)
        /// Of an exchange with an end, from the call to the last byte.
        package var exchange = Duration.seconds(60)
        /// Of an answer that goes on; a second less than ``Watcher/silenceLimit``, as libcurl looks at the clock
        /// once a second.
        package var silence = Watcher.silenceLimit - .seconds(1)
        /// Of an answer, in bytes: a page of 500 large pods has about 25 MB.
        package var body = 64 << 20

        package init() {}
    }

    private let cluster: ClusterAddress
    private let access: any AccessSource
    private let limits: Limits
    private let leaseThreads = TransferThreads(.leases)
    private let strangerThreads = TransferThreads(.strangers)
    private let otherThreads = TransferThreads(.others)

    package init(_ cluster: ClusterAddress, access: any AccessSource, limits: Limits = Limits()) {
        self.cluster = cluster
        self.access = access
        self.limits = limits
    }

    package func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
        let used = try await access.current()
        let response = try await send(request, used)
        guard response.status == 401, let renewed = try await access.renewed(after: used) else {
            return response
        }
        return try await send(request, renewed)
    }

    private func send(_ request: APIRequest, _ access: Access) async throws(TransportFailure) -> APIResponse {
        try await threads(for: request).perform(
            transfer(request, access), timeLimit: request.timeLimit ?? limits.exchange, bodyLimit: limits.body
        )
    }

    private func threads(for request: APIRequest) -> TransferThreads {
        switch TransferLane(request) {
        case .leases: leaseThreads
        case .strangers: strangerThreads
        case .others: otherThreads
        }
    }

    package func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
        let used = try await access.current()
        let stream = try await open(request, used)
        guard stream.status == 401, let renewed = try await access.renewed(after: used) else { return stream }
        return try await open(request, renewed)
    }

    private func open(
        _ request: APIRequest, _ access: Access
    ) async throws(TransportFailure) -> StreamedTransfer {
        var transfer = transfer(request, access)
        transfer.silenceLimit = limits.silence
        return try await StreamedTransfer.open(transfer)
    }

    func transfer(_ request: APIRequest, _ access: Access) -> Transfer {
        // `Expect: 100-continue` would cost a round trip before every large body.
        var headers = [
            "Accept: application/json", "User-Agent: weir", "Expect:", "Host: \(cluster.authority)",
        ]
        if let body = request.body { headers.append("Content-Type: \(body.contentType)") }
        if let authorization = access.authorization { headers.append("Authorization: \(authorization)") }
        headers += cluster.impersonation.map { "\($0.name): \($0.value)" }
        return Transfer(
            url: cluster.url(of: request), method: request.method, headers: headers,
            body: request.body?.bytes,
            security: TransferSecurity(
                trust: access.trust, identity: access.identity, connectTo: cluster.connectTo,
                proxy: cluster.proxy ?? ""),
            connectTimeLimit: limits.connecting)
    }
}
