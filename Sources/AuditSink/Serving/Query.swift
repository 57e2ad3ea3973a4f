import API
import Audit
import Hummingbird

/// The parameters of a request's query; what is there must be right.
struct Query {
    private let parameters: Parameters

    init(_ request: Request) {
        parameters = request.uri.queryParameters
    }

    func text(_ name: String) -> String? {
        parameters[Substring(name)].map(String.init)
    }

    func number(_ name: String) throws(HTTPError) -> UInt64? {
        guard let text = text(name) else { return nil }
        guard let number = UInt64(text), number <= UInt64(Int64.max) else { throw invalid(name) }
        return number
    }

    /// ISO 8601 as records have it, or shortened to the second or the day.
    func time(_ name: String) throws(HTTPError) -> Timestamp? {
        guard let text = text(name) else { return nil }
        let candidates = [text, "\(text.dropLast()).000000Z", "\(text)T00:00:00.000000Z"]
        guard let time = candidates.lazy.compactMap({ Timestamp($0) }).first else { throw invalid(name) }
        return time
    }

    func session(_ name: String) throws(HTTPError) -> SessionID? {
        guard let text = text(name) else { return nil }
        guard let session = SessionID(hexadecimal: text) else { throw invalid(name) }
        return session
    }

    private func invalid(_ name: String) -> HTTPError {
        HTTPError(.badRequest, message: "the value of \(name) is not understood")
    }
}
