import Cryptography
import Kubernetes
import Logging
import Synchronization

/// What the operator keeps in an API server's Secrets and ConfigMaps, as files where there is no cluster: it answers the
/// few requests that are made for them.
///
/// A file is an object as JSON, whose resource version counts its writes. Secrets of a folder of their own are shown as an
/// API server shows them. Events are logged.
final class LocalObjects: APIServer {
    private let folder: LocalFolder
    /// Folders of secrets by their names; a file for a key.
    private let secrets: [String: String]
    /// Secrets that are there, empty, before anything is written.
    private let empty: Set<String>
    private let logger: Logger
    /// One request at a time.
    private let turn = Mutex(())

    init(folder: LocalFolder, secrets: [String: String], empty: Set<String>, logger: Logger) {
        self.folder = folder
        self.secrets = secrets
        self.empty = empty
        self.logger = logger
    }

    func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
        turn.withLock { _ in answer(request) }
    }

    func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
        throw .connectionFailed("there is no cluster")
    }

    private func answer(_ request: APIRequest) -> APIResponse {
        do throws(Unreadable) { return try answered(request) } catch {
            logger.error("what is kept cannot be read", metadata: ["file": "\(error.file)"])
            return Self.failure(500, "InternalError")
        }
    }

    /// A file that is there, and cannot be read as an object: it is not taken for none.
    private struct Unreadable: Error {
        var file: String
    }

    private func answered(_ request: APIRequest) throws(Unreadable) -> APIResponse {
        let path = request.path.split(separator: "/").map(String.init)
        let body = request.body.flatMap { try? JSON(parsing: $0.bytes) }
        switch (request.method, path.count) {
        case (.post, 5) where path[4] == "events":
            let (reason, message) = (body?["reason"]?.string ?? "", body?["message"]?.string ?? "")
            logger.warning("event", metadata: ["reason": "\(reason)", "message": "\(message)"])
            return Self.answer(201, body ?? [:])
        case (.get, 6):
            guard let object = try object(path[4], path[5]) else {
                return Self.failure(404, "NotFound", path[5])
            }
            return Self.answer(200, object)
        case (.post, 5):
            guard let body, let name = body["metadata", "name"]?.string else {
                return Self.failure(400, "BadRequest")
            }
            guard try object(path[4], name) == nil else { return Self.failure(409, "AlreadyExists") }
            return write(body, path[4], name, after: 0)
        case (.patch, 6):
            guard let body, let current = try object(path[4], path[5]) else {
                return Self.failure(404, "NotFound", path[5])
            }
            let version = current["metadata", "resourceVersion"]?.string ?? ""
            if let expected = body["metadata", "resourceVersion"]?.string, expected != version {
                return Self.failure(409, "Conflict")
            }
            return write(current.merging(body), path[4], path[5], after: Int64(version) ?? 0)
        default: return Self.failure(404, "NotFound")
        }
    }

    private func object(_ kind: String, _ name: String) throws(Unreadable) -> JSON? {
        if kind == "secrets", let folder = secrets[name] {
            guard let files = try? LocalFolder.files(in: folder) else { return nil }
            var secret: JSON = ["metadata": ["name": .string(name)]]
            for (key, bytes) in files { secret["data", key] = .string(Base64.encode(bytes.trimmed)) }
            return secret
        }
        let file = "\(folder.path)/\(Self.file(kind, name))"
        if LocalFolder.isThere(file) {
            guard let bytes = LocalFolder.read(file),
                let object = try? JSON(
                    parsing: bytes, limits: JSON.Limits(length: LocalFolder.maximumLength))
            else { throw Unreadable(file: file) }
            return object
        }
        guard kind == "secrets", empty.contains(name) else { return nil }
        return ["metadata": ["name": .string(name), "uid": "local", "resourceVersion": "0"]]
    }

    private func write(_ object: JSON, _ kind: String, _ name: String, after version: Int64) -> APIResponse {
        var object = object
        object["metadata", "resourceVersion"] = .string("\(version + 1)")
        object["metadata", "uid"] = "local"
        guard folder.write(Self.file(kind, name), object.rendered) else {
            return Self.failure(500, "InternalError")
        }
        return Self.answer(200, object)
    }

    /// The names are the operator's own.
    private static func file(_ kind: String, _ name: String) -> String { "\(kind).\(name).json" }

    private static func answer(_ status: Int, _ json: JSON) -> APIResponse {
        APIResponse(status: status, body: json.rendered)
    }

    private static func failure(_ status: Int, _ reason: String, _ name: String = "") -> APIResponse {
        answer(
            status,
            [
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
                "code": .integer(Int64(status)), "details": ["name": .string(name)],
            ])
    }
}
