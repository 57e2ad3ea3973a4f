import NIOCore
import Networking

/// Where a browser comes back to (RFC 8252, section 7.3): a port of 127.0.0.1 that takes one answer.
struct CallbackListener {
    /// How long a person has.
    private static let timeout = Duration.seconds(300)
    /// How long the listener stays for the page that the browser shows in the end.
    private static let pageTime = Duration.milliseconds(100)
    private static let path = "/callback"

    private let listener: any Channel
    private let answers: AsyncStream<[String: String]>
    private let answered: AsyncStream<[String: String]>.Continuation

    /// - Parameters:
    ///   - state: by which the answer is told from another's.
    ///   - loop: of the listener.
    /// - Throws: a `SystemRefusal`.
    init(state: String, loop: any EventLoop) async throws {
        let (answers, answered) = AsyncStream.makeStream(of: [String: String].self)
        self.answers = answers
        self.answered = answered
        listener = try await HTTPListener.bind(
            .tcp(host: "127.0.0.1", port: 0), on: loop, keepsQuery: true
        ) { request in
            let parts = request.path.split(separator: "?", maxSplits: 1)
            guard request.method == .get, parts.first == Self.path[...] else {
                return HTTPResponse(status: 404)
            }
            let fields = Self.fields(parts.count > 1 ? parts[1] : "")
            // Another's answer, or one made up by a page that the browser shows.
            guard fields["state"] == state else { return HTTPResponse(status: 400) }
            answered.yield(fields)
            let words = Self.refusal(in: fields).map { "Not logged in: \($0)\n" } ?? ""
            return HTTPResponse(
                status: 200, headers: ["Content-Type": "text/plain; charset=utf-8"],
                body: Array((words + "You can close this page and go back to the terminal.\n").utf8))
        }
    }

    var port: Int { listener.localAddress?.port ?? 0 }
    var address: String { "http://127.0.0.1:\(port)\(Self.path)" }

    /// The fields of the address that the browser came back to; nothing is listened for any more then.
    /// - Throws: ``IdentityFault/timedOut``.
    func answer() async throws -> [String: String] {
        defer { listener.close(promise: nil) }
        let waiting = Task { [answered] in
            try? await Task.sleep(for: Self.timeout)
            answered.finish()
        }
        defer { waiting.cancel() }
        for await fields in answers {
            // The browser's page is sent before the listener goes.
            try? await Task.sleep(for: Self.pageTime)
            return fields
        }
        throw IdentityFault.timedOut
    }

    /// Why there is nothing else in the answer (RFC 6749, section 4.1.2.1); `nil` where it does not say.
    static func refusal(in fields: [String: String]) -> String? {
        fields["error"].map { OAuthRefusal(error: $0, errorDescription: fields["error_description"]).text }
    }

    static func query(_ fields: [(String, String)]) -> String {
        fields.map { "\($0)=\(SinkClient.percentEncoded($1))" }.joined(separator: "&")
    }

    private static func fields(_ query: Substring) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[String(parts[0])] = decoded(parts[1])
        }
        return fields
    }

    /// As forms are encoded, with `+` for a space.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
