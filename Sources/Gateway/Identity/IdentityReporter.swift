import Identity
import Logging
import NIOCore
import Networking
import Shipping

/// Tells the operator now and then whom sessions were opened for, so that it knows which identities are used.
struct IdentityReporter: Sendable {
    private static let interval = Duration.seconds(10)

    let operatorAddress: GatewayConfiguration.ControlPlane
    /// Takes what is to be told.
    let uses: @Sendable () async -> IdentityUses
    let loop: any EventLoop
    let logger: Logger

    /// Runs until the task is cancelled.
    func run() async {
        var waiting = IdentityUses()
        while (try? await Task.sleep(for: Self.interval)) != nil {
            if waiting.isEmpty { waiting = await uses() }
            guard !waiting.isEmpty else { continue }
            do {
                try await tell(waiting)
                waiting = IdentityUses()
            } catch {
                logger.warning("the operator is not told whom it was for", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// - Throws: when it has to be tried again.
    private func tell(_ uses: IdentityUses) async throws {
        let client = try operatorAddress.client(on: loop)
        let result: Result<HTTPResponse, any Error>
        do {
            result = .success(
                try await client.send(
                    HTTPRequest(
                        method: .post, path: "/v1/identity-uses",
                        headers: [try operatorAddress.authorization(), ("Content-Type", "application/json")],
                        body: uses.bytes)))
        } catch {
            result = .failure(error)
        }
        await client.close()
        let response = try result.get()
        // An operator that does not take it will not take it again.
        guard response.status < 500, response.status != 401 else {
            throw ShippingFault.refused(status: response.status)
        }
    }
}
