import NIOCore
import NIOHTTP1

package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"
    }

    package var method: Method
    /// Appended to the base URL's; begins with a slash; with its query, percent-encoded where needed.
    package var path: String
    /// Without `Host` and `Content-Length`, which the client adds.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: Method = .get, path: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

package struct HTTPResponse: Sendable, Equatable {
    package var status: Int
    /// By lower-case name; values of the same name joined by `, `.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension HTTPResponse {
    /// Without a body.
    init(_ head: HTTPResponseHead) {
        self.init(status: Int(head.status.code))
        for header in head.headers {
            let name = header.name.lowercased()
            let earlier = headers[name].map { "\($0), " } ?? ""
            headers[name] = earlier + header.value
        }
    }

    /// Why there is no response, by what its channel says.
    static func fault(for error: any Error) -> any Error {
        switch error {
        case HTTPParserError.invalidEOFState: NetworkingError.connectionClosed
        case is HTTPParserError: NetworkingError.malformedResponse
        case is IOError: SystemRefusal(error)
        default: error
        }
    }
}
