import Hummingbird
import Logging

/// `GET /v1/writers/{name}`: whether the audit log of that name is the pod's whose token is shown.
///
/// The audit sink asks it with the token of a gateway that it meets for the first time, so that nobody else begins a
/// log under the name of a pod.
struct WriterRoutes: Sendable {
    let gate: GatewayGate
    let logger: Logger

    func add(to router: Router<ClientContext>) {
        router.get("/v1/writers/:name") { request, context in
            let name = try context.parameters.require("name")
            let workload = try await gate.authenticate(request)
            guard Self.isName(name, of: workload) else {
                logger.warning(
                    "a pod asks for the log of another",
                    metadata: ["pod": "\(workload.namespace)/\(workload.pod)", "log": "\(name)"])
                throw HTTPError(.forbidden, message: "this is not the log of that pod")
            }
            return Response(status: .noContent)
        }
    }

    /// Hexadecimal digits of the key's hash at the end of a name.
    private static let digestLength = 8
    /// In bytes, as the audit log has it: what is longer is cut off before the digest.
    private static let maximumLength = 253

    /// `<namespace>.<pod>.<digest of the key>`: a pod may lose its key, and come back under its name with another.
    static func isName(_ name: String, of workload: TokenAuthenticator.Workload) -> Bool {
        let suffix = name.utf8.suffix(digestLength + 1)
        guard suffix.count == digestLength + 1, suffix.first == UInt8(ascii: "."),
            suffix.dropFirst().allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { return false }
        let own = "\(workload.namespace).\(workload.pod)"
        return name.dropLast(digestLength + 1) == own.prefix(maximumLength - digestLength - 1)
    }
}
