import Audit
import Hummingbird
import NIOCore

/// What anyone may know: tree heads and proofs tell nothing of what the records hold.
struct TransparencyRoutes: Sendable {
    let service: EvidenceService

    private struct Inclusion: Encodable {
        var position: UInt64
        var size: UInt64
        /// Hexadecimal, as those of `path`.
        var leaf: String
        var path: [String]
    }

    private struct Consistency: Encodable {
        var from: UInt64
        var to: UInt64
        var path: [String]
    }

    func add(to router: Router<BasicRequestContext>) {
        router.get("/v1/key") { _, _ in
            Response.bytes(Array("\(try await service.verifierKey.text)\n".utf8), type: "text/plain")
        }
        router.get("/v1/checkpoint") { _, _ in
            Response.bytes(Array(try await service.checkpoint().utf8), type: "text/plain; charset=utf-8")
        }
        router.get("/v1/proofs/inclusion") { request, _ in try await inclusion(request) }
        router.get("/v1/proofs/consistency") { request, _ in try await consistency(request) }
    }

    /// `position`, or `gateway` and `sequence`; `size` of the tree, the newest when left out.
    private func inclusion(_ request: Request) async throws -> Response {
        let query = Query(request)
        var position = try query.number("position")
        if let gateway = query.text("gateway"), let sequence = try query.number("sequence") {
            position = try await service.position(gateway: gateway, sequence: sequence)
        }
        guard let position,
            let proof = try await service.inclusionProof(position: position, size: try query.number("size"))
        else { return try .failure(.notFound, "NotFound", "no such record in a tree of this size") }
        return try .json(
            Inclusion(
                position: position, size: proof.size, leaf: proof.leaf.hexadecimal,
                path: proof.path.map(\.hexadecimal)))
    }

    /// `from` and `to` are sizes of trees; `to` is the newest when left out.
    private func consistency(_ request: Request) async throws -> Response {
        let query = Query(request)
        guard let first = try query.number("from"),
            let proof = try await service.consistencyProof(from: first, to: try query.number("to"))
        else { return try .failure(.notFound, "NotFound", "no trees of these sizes") }
        return try .json(
            Consistency(from: first, to: proof.size, path: proof.path.map(\.hexadecimal)))
    }
}
