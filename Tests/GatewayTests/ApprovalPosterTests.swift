import API
import Foundation
import LogCapture
import Logging
import NIOCore
import Networking
import Synchronization
import Testing

@testable import Gateway

/// How questions reach an operator that does not take each at once.
@Suite(.timeLimit(.minutes(5)))
struct ApprovalPosterTests {
    private let loop = EventLoops.shared.next()
    private let log = CapturedLog()
    private let file: String
    private let notices: AsyncStream<ApprovalDesk.Notice>
    private let notice: AsyncStream<ApprovalDesk.Notice>.Continuation
    private let answers: AsyncStream<ApprovalAnswer>
    private let answer: AsyncStream<ApprovalAnswer>.Continuation

    init() throws {
        file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try "token".write(toFile: file, atomically: false, encoding: .utf8)
        (notices, notice) = AsyncStream.makeStream()
        (answers, answer) = AsyncStream.makeStream()
    }

    /// What was asked for, each answered by what was before.
    private final class Exchanges: Sendable {
        private let kept = Mutex<[String]>([])
        private let answer: @Sendable (_ call: String, _ earlier: [String]) -> Int

        init(_ answer: @escaping @Sendable (_ call: String, _ earlier: [String]) -> Int) {
            self.answer = answer
        }

        var calls: [String] { kept.withLock { $0 } }

        func status(of call: String) -> Int {
            kept.withLock { calls in
                defer { calls.append(call) }
                return answer(call, calls)
            }
        }
    }

    private func listen(_ exchanges: Exchanges, at port: UInt16 = 0) async throws -> any Channel {
        try await HTTPListener.bind(.tcp(host: "127.0.0.1", port: port), on: loop) { request in
            let call = "\(request.method.rawValue) \(request.path)"
            return HTTPResponse(status: exchanges.status(of: call))
        }
    }

    private func post(to listener: any Channel) throws -> Task<Void, Never> {
        let port = try #require(listener.localAddress?.port)
        let poster = ApprovalPoster(
            operatorAddress: .init(
                url: "http://127.0.0.1:\(port)", certificateAuthorities: file, token: file),
            notices: notices, answered: { [answer] in answer.yield($0) }, loop: loop, logger: log.logger,
            retryDelay: .milliseconds(1))
        return Task { await poster.run() }
    }

    private func answers(_ count: Int) async -> [ApprovalAnswer] {
        var answers: [ApprovalAnswer] = []
        for await answer in self.answers {
            answers.append(answer)
            if answers.count == count { break }
        }
        return answers
    }

    private func becomes(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test(arguments: [401, 429, 500, 503])
    func `a question that is put off holds up nothing else, and is told of once`(status: Int) async throws {
        let withdrawal = "DELETE /v1/approvals/b"
        let exchanges = Exchanges { call, earlier in
            call == withdrawal ? 204 : earlier.contains(withdrawal) ? 409 : status
        }
        let listener = try await listen(exchanges)
        notice.yield(.ask(.sample("a")))
        notice.yield(.withdraw(id: "b"))
        let posting = try post(to: listener)
        #expect(await answers(1).map(\.id) == ["a"])
        #expect(log.messages == ["warning the operator does not take a question"])
        posting.cancel()
        await posting.value
        try await listener.close()
    }

    @Test(arguments: [400, 403, 404, 409, 413, 422])
    func `what the operator will never take is refused`(status: Int) async throws {
        let exchanges = Exchanges { _, _ in status }
        let listener = try await listen(exchanges)
        notice.yield(.ask(.sample("a")))
        let posting = try post(to: listener)
        let reason = "the operator does not take the question (HTTP \(status))"
        #expect(
            await answers(1) == [ApprovalAnswer(id: "a", request: "a", state: .refused, reason: reason)])
        notice.yield(.withdraw(id: "b"))
        try await becomes { exchanges.calls.count > 1 }
        #expect(exchanges.calls == ["POST /v1/approvals", "DELETE /v1/approvals/b"])
        posting.cancel()
        await posting.value
        try await listener.close()
    }

    @Test func `why a question is not taken is told`() async throws {
        let body = Array(#"{"error":{"message":"too many,\n256 \/ \"job\"\u0007"}}"#.utf8)
        let listener = try await HTTPListener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { _ in
            HTTPResponse(status: 422, body: body)
        }
        notice.yield(.ask(.sample("a")))
        let posting = try post(to: listener)
        let reason = "the operator does not take the question: too many, 256 / \"job\" "
        #expect(
            await answers(1) == [ApprovalAnswer(id: "a", request: "a", state: .refused, reason: reason)])
        posting.cancel()
        await posting.value
        try await listener.close()
    }

    @Test func `an answer that cannot be read refuses its statement`() async throws {
        let listener = try await listen(Exchanges { _, _ in 200 })
        notice.yield(.ask(.sample("a")))
        let posting = try post(to: listener)
        let answers = await answers(1)
        #expect(answers.map(\.id) == ["a"] && answers.map(\.state) == [.refused])
        #expect(log.messages == ["error an answer about an approval cannot be read"])
        posting.cancel()
        await posting.value
        try await listener.close()
    }

    @Test func `a withdrawal is repeated until it is taken`() async throws {
        let statuses = [401, 403, 429, 500, 503]
        let exchanges = Exchanges { _, earlier in
            earlier.count < statuses.count ? statuses[earlier.count] : 404
        }
        let listener = try await listen(exchanges)
        notice.yield(.withdraw(id: "a"))
        let posting = try post(to: listener)
        try await becomes { exchanges.calls.count > statuses.count }
        for id in ["b", "c"] { notice.yield(.withdraw(id: id)) }
        try await becomes { exchanges.calls.count > statuses.count + 2 }
        let withdrawn = [String](repeating: "a", count: statuses.count + 1) + ["b", "c"]
        #expect(exchanges.calls == withdrawn.map { "DELETE /v1/approvals/\($0)" })
        posting.cancel()
        await posting.value
        try await listener.close()
    }

    @Test func `that the operator is away is told of once until it is back`() async throws {
        let attempts = Exchanges { _, _ in 0 }
        let away = try await Listener.bind(.tcp(host: "127.0.0.1", port: 0), on: loop) { _ in
            _ = attempts.status(of: "")
            throw NetworkingError.connectionClosed
        }
        let port = UInt16(try #require(away.localAddress?.port))
        notice.yield(.ask(.sample("a")))
        let posting = try post(to: away)
        try await becomes { attempts.calls.count > 5 }
        try await away.close()
        let listener = try await listen(Exchanges { _, _ in 409 }, at: port)
        #expect(await answers(1).map(\.id) == ["a"])
        #expect(log.count(.warning) == 1)
        posting.cancel()
        await posting.value
        try await listener.close()
    }
}
