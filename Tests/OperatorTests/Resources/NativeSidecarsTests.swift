import Cryptography
import Kubernetes
import Testing

@testable import Operator

/// Whether gateways can be native sidecars, as far as the API server says.
struct NativeSidecarsTests {
    /// Answers each request with the same status.
    private struct Refusal: APIServer {
        var status: Int

        func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
            APIResponse(status: status)
        }

        func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
            throw .connectionFailed("nothing is watched here")
        }
    }

    private static func obstacles(_ nativeSidecars: NativeSidecars) -> [String] {
        let identity = FixedIdentity(
            TLSContext.Identity(certificateChainPEM: [], privateKeyPEM: []), authorities: [])
        let state = ClusterState(ClusterView(platformNamespace: "weir-system"))
        return Readiness(state: state, identity: identity, nativeSidecars: nativeSidecars).obstacles
    }

    @Test func `until the API server has said, the operator is not ready`() async throws {
        let nativeSidecars = NativeSidecars(.auto)
        #expect(nativeSidecars.areSupported == nil)
        await #expect(throws: APIError.self) { try await nativeSidecars.look(at: Refusal(status: 500)) }
        #expect(nativeSidecars.areSupported == nil)
        #expect(Self.obstacles(nativeSidecars).contains("the versions of the nodes are not known yet"))
        try await nativeSidecars.look(at: HostAPI())
        #expect(nativeSidecars.areSupported == true)
        #expect(!Self.obstacles(nativeSidecars).contains("the versions of the nodes are not known yet"))
    }

    @Test func `what was known stays so while the API server is away`() async throws {
        let nativeSidecars = NativeSidecars(.auto)
        try await nativeSidecars.look(at: HostAPI())
        await #expect(throws: APIError.self) { try await nativeSidecars.look(at: Refusal(status: 503)) }
        #expect(nativeSidecars.areSupported == true)
    }

    @Test func `an operator that may not look takes it that they are not`() async {
        let nativeSidecars = NativeSidecars(.auto)
        await #expect(throws: APIError.self) { try await nativeSidecars.look(at: Refusal(status: 403)) }
        #expect(nativeSidecars.areSupported == false)
    }

    @Test(arguments: [(NativeSidecars.Mode.always, true), (.never, false)])
    func `who is told need not look`(mode: NativeSidecars.Mode, areSupported: Bool) {
        #expect(NativeSidecars(mode).areSupported == areSupported)
    }
}
