import ClusterModel
import HTTPTypes
import Hummingbird
import Kubernetes
import NIOCore

/// Calls of the machine out of requests of HTTP, and its answers as responses.
struct APIResponder: HTTPResponder {
    let host: ClusterHost
    /// Of the administrator.
    let token: String
    /// Between two bookmarks of a watch.
    let bookmarkInterval: Duration

    func respond(to request: Request, context: BasicRequestContext) async throws -> Hummingbird.Response {
        var (request, path) = (request, request.uri.path)
        let body = try await request.collectBody(upTo: Cluster.maximumBody + (1 << 20))
        guard let user = user(of: request.headers) else {
            return Self.response(
                .init(
                    status: 401,
                    [
                        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
                        "message": "Unauthorized", "reason": "Unauthorized", "code": 401,
                    ]))
        }
        if path.isEmpty { path = "/" }
        let call = Call(
            method: request.method.rawValue, path: path.split(separator: "/").map { Percent.decoded($0) },
            query: Percent.query(request.uri.query ?? ""), accept: request.headers[.accept] ?? "",
            contentType: request.headers[.contentType] ?? "", userAgent: request.headers[.userAgent] ?? "",
            user: user, body: Array(body.readableBytesView))
        if call.path.first == "_test" { return Self.response(TestControl(host: host).answer(call)) }
        if let failure = host.takeFault(for: call) { return Self.response(failure) }
        return try await answer(call)
    }

    private func answer(_ call: Call) async throws -> Hummingbird.Response {
        while true {
            switch host.answer(call) {
            case .response(let response): return Self.response(response)
            case .watch(let watch):
                let stream = WatchStream(host: host, bookmarkInterval: bookmarkInterval)
                return Hummingbird.Response(
                    status: .ok, headers: [.contentType: "application/json"], body: stream.body(of: watch))
            case .write(let pending):
                let admitted: PendingWrite
                do throws(APIFault) {
                    admitted = try await WebhookCaller().admit(pending)
                } catch {
                    return Self.response(error.response)
                }
                switch host.finish(admitted) {
                case .response(let response): return Self.response(response)
                case .again: continue
                }
            }
        }
    }

    /// `nil` for a credential that stands for nobody.
    private func user(of headers: HTTPFields) -> User? {
        guard let authorization = headers[.authorization] else { return .anonymous }
        guard authorization.hasPrefix("Bearer ") else { return nil }
        let given = String(authorization.dropFirst("Bearer ".count))
        guard given == token else { return host.user(of: given) }
        guard let name = Self.values(of: "Impersonate-User", headers).first else { return .administrator }
        return User(
            name: name, groups: Self.values(of: "Impersonate-Group", headers) + ["system:authenticated"])
    }

    private static func values(of name: String, _ headers: HTTPFields) -> [String] {
        HTTPField.Name(name).map { headers[values: $0] } ?? []
    }

    private static func response(_ response: ClusterModel.Response) -> Hummingbird.Response {
        var headers: HTTPFields = [.contentType: response.contentType]
        for (name, value) in response.headers {
            guard let name = HTTPField.Name(name) else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        return Hummingbird.Response(
            status: .init(code: response.status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: response.body)))
    }

    private static func response(_ failure: Faults.Failure) -> Hummingbird.Response {
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": "injected",
            "code": .integer(Int64(failure.code)),
        ]
        if !failure.reason.isEmpty { status["reason"] = .string(failure.reason) }
        var response = ClusterModel.Response(status: failure.code, status)
        if let seconds = failure.retryAfter { response.headers.append(("Retry-After", "\(seconds)")) }
        return Self.response(response)
    }
}

/// Percent-encoding of RFC 3986, and `+` in queries as forms have it.
enum Percent {
    static func decoded(_ text: some StringProtocol, isQuery: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(isQuery && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func query(_ text: some StringProtocol) -> [String: String] {
        var items: [String: String] = [:]
        for item in text.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = decoded(parts[0], isQuery: true)
            items[name] = items[name] ?? (parts.count == 2 ? decoded(parts[1], isQuery: true) : "")
        }
        return items
    }
}
