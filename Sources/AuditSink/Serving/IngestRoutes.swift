import Audit
import Hummingbird
import Logging
import NIOCore
import SecureServing

/// What gateways use: sending records, and asking how far they are acknowledged.
struct IngestRoutes: Sendable {
    let service: EvidenceService
    let attestation: WriterAttestation?
    /// Of batches; apart from other failures, for who sends them chooses their names.
    let refusals: FailureLog
    let bodies: BodyBudget
    /// Longest time a body takes to come.
    let bodyTime: Duration

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
            return try await receive(request.body, from: name)
        }
        router.get("/v1/gateways") { _, _ in try Response.json(try await statuses()) }
        router.get("/v1/gateways/:name") { _, context in
            let name = try context.parameters.require("name")
            guard let status = try await statuses(named: name).first else {
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
            return try refused(
                gateway, .forbidden, "NotAttested", "no pod of this name vouches for the log")
        case .unknown(let reason):
            refusals.tell(
                "the operator does not vouch for a log now", kind: reason, ["reason": "\(reason)"])
            return try .failure(.serviceUnavailable, "AttestationUnavailable", "try again")
        }
    }

    /// 413 for a body that is too long, 503 while others take all the room, 408 when it is not whole in time. It takes
    /// its room until the batch is stored.
    private func receive(_ body: RequestBody, from gateway: String) async throws -> Response {
        try await withThrowingTaskGroup(of: Response?.self) { group in
            group.addTask {
                do {
                    return try await bodies.collect(body, upTo: Batch.maximumLength) { whole in
                        try await ingest(Array(whole.readableBytesView), from: gateway)
                    }
                } catch is BodyBudget.Exhausted {
                    return try Response.failure(
                        .serviceUnavailable, "Busy", "too much is sent at once: try again")
                }
            }
            group.addTask { [bodyTime] in
                try await Task.sleep(for: bodyTime)
                return nil
            }
            defer { group.cancelAll() }
            if case let response?? = try await group.next() { return response }
            group.cancelAll()
            do {
                // A batch that is whole is not given up: what becomes of it is told.
                if case let response?? = try await group.next() { return response }
            } catch is CancellationError {}
            var response = try Response.failure(
                .requestTimeout, "Timeout", "the batch did not come within \(bodyTime)")
            // RFC 9110, 15.5.9: the rest of it is not waited for.
            response.headers[.connection] = "close"
            return response
        }
    }

    private func ingest(_ body: [UInt8], from gateway: String) async throws -> Response {
        guard GatewayName.isValid(gateway) else {
            return try .failure(.badRequest, "InvalidName", "this is no name of a gateway")
        }
        let batch: Batch
        do { batch = try Batch(body) } catch {
            return try refused(gateway, .badRequest, "InvalidBatch", "\(error)")
        }
        switch try await service.ingest(batch, from: gateway) {
        case .acknowledged(let sequence): return try .json(Acknowledgement(acknowledged: sequence))
        case .gap(let expected):
            return try refused(
                gateway, .conflict, "Gap", "records before this batch are missing, from \(expected) on",
                expected: expected, acknowledged: expected - 1)
        case .unknownGateway:
            return try refused(
                gateway, .conflict, "UnknownGateway",
                "no records of this name are here: begin with the first record of a segment", expected: 1,
                acknowledged: 0)
        case .refused(let kind, let sequence, let through, let detail):
            let isRenumbered = kind == .badSignature && sequence <= through
            let advice = isRenumbered ? "; a gateway with a new data folder needs a new name" : ""
            return try refused(
                gateway, kind == .otherKey ? .forbidden : .conflict, kind.rawValue,
                "record \(sequence): \(detail)\(advice)", acknowledged: through)
        }
    }

    /// Told here, too: whoever looks after the sink may not see the gateway's log.
    private func refused(
        _ gateway: String, _ status: HTTPResponse.Status, _ error: String, _ detail: String,
        expected: UInt64? = nil, acknowledged: UInt64? = nil
    ) throws -> Response {
        refusals.tell(
            "a batch is refused", kind: "\(gateway) \(error)",
            ["gateway": "\(gateway)", "error": "\(error)", "detail": "\(detail)"])
        return try .failure(status, error, detail, expected: expected, acknowledged: acknowledged)
    }

    private func statuses(named name: String? = nil) async throws -> [GatewayStatus] {
        try await service.gateways(named: name).compactMap { gateway in
            guard let key = VerifierKey(name: gateway.name, rawKey: gateway.key) else { return nil }
            return GatewayStatus(name: gateway.name, acknowledged: gateway.acknowledged, key: key.text)
        }
    }
}
