import Kubernetes

@testable import ClusterModel

/// A server and what is said to it, without HTTP.
struct Conversation {
    var cluster = Cluster(at: Timestamp(microseconds: 1_800_000_000_000_000))
    private var time = Timestamp(microseconds: 1_800_000_000_000_000)

    /// Makes one call, a second after the last, and returns its status and body.
    @discardableResult
    mutating func say(
        _ method: String, _ path: String, _ body: JSON? = nil, _ query: [String: String] = [:],
        as contentType: String = "application/json"
    ) -> (status: Int, body: JSON) {
        time = time + .seconds(1)
        let call = Call(
            method: method, path: path.split(separator: "/").map(String.init), query: query,
            contentType: contentType,
            userAgent: "test/1", body: body?.rendered ?? [])
        while true {
            switch cluster.answer(call, at: time) {
            case .response(let response): return Self.read(response)
            case .watch: return (0, .null)
            case .write(let pending):
                switch cluster.finish(pending, at: time) {
                case .response(let response): return Self.read(response)
                case .again: continue
                }
            }
        }
    }

    /// The kinds and names of the events of a watch.
    mutating func watch(_ path: String, _ query: [String: String]) -> [String] {
        let call = Call(
            method: "GET", path: path.split(separator: "/").map(String.init),
            query: query.merging(["watch": "true"]) { $1 })
        guard case .watch(var watch) = cluster.answer(call, at: time) else { return [] }
        return watch.lines(of: cluster).map { line in
            switch line {
            case .event(let event), .last(let event):
                let name = event["object", "metadata", "name"]?.string ?? event["object", "reason"]?.string
                return "\(event["type"]?.string ?? "") \(name ?? "")"
            }
        }
    }

    private static func read(_ response: Response) -> (Int, JSON) {
        (response.status, (try? JSON(parsing: response.body)) ?? .null)
    }
}
