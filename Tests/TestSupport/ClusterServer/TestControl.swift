import ClusterModel
import Kubernetes

/// What tests in other processes tell the server, below `/_test`:
///
/// * `POST compact`: what happened up to now is forgotten;
/// * `POST faults {"failures": [{code, reason, retryAfter, count, method}], "watch": ["cut", ...]}`;
/// * `POST services {"namespace/name:port": "https://127.0.0.1:9443"}`: where webhooks are;
/// * `POST clock {"seconds": 3600}`: time goes on at once.
struct TestControl {
    let host: ClusterHost

    func answer(_ call: Call) -> Response {
        guard call.method == "POST", call.user == .administrator, call.path.count == 2 else {
            return Response(status: 404, ["message": "there is no such control"])
        }
        let body = (try? JSON(parsing: call.body)) ?? [:]
        switch call.path[1] {
        case "compact":
            host.change { cluster, _ in cluster.compact() }
            host.wakeAll()
        case "faults": inject(body)
        case "services":
            let addresses = body.stringMap
            host.change { cluster, _ in cluster.serviceAddresses = addresses }
        case "clock": host.advanceClock(by: (body["seconds"]?.integer ?? 0) * 1_000_000)
        default: return Response(status: 404, ["message": "there is no such control"])
        }
        return Response(["done": true])
    }

    private func inject(_ body: JSON) {
        let failures = (body["failures"]?.array ?? []).map { item in
            Faults.Failure(
                code: Int(item["code"]?.integer ?? 500), reason: item["reason"]?.string ?? "",
                retryAfter: item["retryAfter"]?.integer.map { Int($0) },
                count: Int(item["count"]?.integer ?? 1),
                method: item["method"]?.string)
        }
        let watch = (body["watch"]?.strings ?? []).compactMap { Faults.WatchFault(rawValue: $0) }
        host.inject { faults in
            faults.failures += failures
            faults.watchFaults += watch
        }
    }
}
