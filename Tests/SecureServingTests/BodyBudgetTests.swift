import HummingbirdCore
import NIOCore
import SecureServing
import Testing

/// Who finds room for a body.
struct BodyBudgetTests {
    private func body(_ count: Int) -> RequestBody {
        RequestBody(buffer: ByteBuffer(bytes: [UInt8](repeating: 0x20, count: count)))
    }

    /// Holds a body while `use` runs.
    private func hold(
        _ count: Int, of sender: String, in budget: BodyBudget, _ use: () async throws -> Void = {}
    ) async throws {
        try await budget.collect(body(count), from: sender, upTo: 100) { _ in try await use() }
    }

    @Test func `what one sender holds leaves room for others`() async throws {
        let budget = BodyBudget(limit: 100, senderLimit: 40)
        try await hold(40, of: "a", in: budget) {
            await #expect(throws: BodyBudget.Exhausted.self) { try await hold(1, of: "a", in: budget) }
            try await hold(40, of: "b", in: budget)
        }
        try await hold(40, of: "a", in: budget)
    }

    @Test func `all together hold no more than the limit`() async throws {
        let budget = BodyBudget(limit: 100, senderLimit: 60)
        try await hold(60, of: "a", in: budget) {
            await #expect(throws: BodyBudget.Exhausted.self) { try await hold(41, of: "b", in: budget) }
            try await hold(40, of: "b", in: budget)
        }
        try await hold(60, of: "b", in: budget)
    }

    @Test func `a body that is too long takes no room`() async throws {
        let budget = BodyBudget(limit: 200)
        await #expect(throws: NIOTooManyBytesError.self) { try await hold(101, of: "a", in: budget) }
        try await hold(100, of: "a", in: budget) { try await hold(100, of: "b", in: budget) }
    }
}
