import FoundationEssentials
import Hummingbird
import NIOCore

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return bytes(Array(try encoder.encode(value)) + [0x0a], type: "application/json", status: status)
    }

    static func bytes(
        _ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// What went wrong, as one word for programs and a sentence for people.
    static func failure(
        _ status: HTTPResponse.Status, _ error: String, _ detail: String, expected: UInt64? = nil,
        acknowledged: UInt64? = nil
    ) throws -> Response {
        try json(
            Failure(error: error, detail: detail, expected: expected, acknowledged: acknowledged),
            status: status)
    }

    private struct Failure: Encodable {
        var error: String
        var detail: String
        var expected: UInt64?
        var acknowledged: UInt64?
    }
}
