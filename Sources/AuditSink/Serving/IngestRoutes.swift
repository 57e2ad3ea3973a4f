import Audit
import Hummingbird
import Logging
import NIOCore

/// What gateways use: sending records, and asking how far they are acknowledged.
struct IngestRoutes: Sendable {
    let service: EvidenceService
    let attestation: WriterAttestation?
    let logger: Logger

    private struct Acknowledgement: Encodable {
        var acknowledged: UInt64
    }

    private struct GatewayStatus: Encodable {
        var name: String
        var acknowledged: UInt64
        /// As a C2SP verifier key.
        var key: String
    }

    func add(to router: Router<BasicRequestContext>) {
        router.post("/v1/gateways/:name/events") { request, context in
            let name = try context.parameters.require("name")
            if let refusal = try await refusal(of: request, from: name) { return refusal }
            let body = try await request.body.collect(upTo: Batch.maximumLength)
            return try await ingest(Array(body.readableBytesView), from: name)
        }
        router.get("/v1/gateways") { _, _ in try Response.json(try await statuses()) }
        router.get("/v1/gateways/:name") { _, context in
            let name = try context.parameters.require("name")
            guard let status = try await statuses().first(where: { $0.name == name }) else {
                return try Response.failure(
                    .notFound, "UnknownGateway", "no records of this gateway are here")
            }
            return try Response.json(status)
        }
    }

    /// Why a log may not begin under that name; `nil` when it may, or has begun already: then its key tells.
    private func refusal(of request: Request, from gateway: String) async throws -> Response? {
        guard let attestation, GatewayName.isValid(gateway), try await !service.knows(gateway) else {
            return nil
        }
        switch await attestation.judge(gateway, authorization: request.headers[.authorization]) {
        case .confirmed: return nil
        case .refused:
            logger.warning("a log of no known pod is refused", metadata: ["gateway": "\(gateway)"])
            return try .failure(.forbidden, "NotAttested", "no pod of this name vouches for the log")
        case .unknown(let reason):
            logger.warning("the operator does not vouch for a log now", metadata: ["reason": "\(reason)"])
            return try .failure(.serviceUnavailable, "AttestationUnavailable", "try again")
        }
    }

    private func ingest(_ body: [UInt8], from gateway: String) async throws -> Response {
        guard GatewayName.isValid(gateway) else {
            return try .failure(.badRequest, "InvalidName", "this is no name of a gateway")
        }
        let batch: Batch
        do { batch = try Batch(body) } catch {
            return try .failure(.badRequest, "InvalidBatch", "\(error)")
        }
        switch try await service.ingest(batch, from: gateway) {
        case .acknowledged(let sequence): return try .json(Acknowledgement(acknowledged: sequence))
        case .gap(let expected):
            return try .failure(
                .conflict, "Gap", "records before this batch are missing", expected: expected,
                acknowledged: expected - 1)
        case .unknownGateway:
            return try .failure(
                .conflict, "UnknownGateway", "begin with the first record of a segment", expected: 1,
                acknowledged: 0)
        case .refused(let kind, let sequence, let through, let detail):
            return try .failure(
                kind == .otherKey ? .forbidden : .conflict, kind.rawValue, "record \(sequence): \(detail)",
                acknowledged: through)
        }
    }

    private func statuses() async throws -> [GatewayStatus] {
        try await service.gateways().compactMap { gateway in
            guard let key = VerifierKey(name: gateway.name, rawKey: gateway.key) else { return nil }
            return GatewayStatus(name: gateway.name, acknowledged: gateway.acknowledged, key: key.text)
        }
    }
}
