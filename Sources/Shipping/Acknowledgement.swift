import Networking

/// The sink's answer to a batch: `{"acknowledged": 1234}`, the last sequence number it has made durable.
enum Acknowledgement {
    /// - Returns: `nil` when the answer is no acknowledgement.
    static func sequence(in response: HTTPResponse) -> UInt64? {
        guard response.status == 200 else { return nil }
        let text = String(decoding: response.body, as: UTF8.self).filter { !$0.isWhitespace }
        let name = "\"acknowledged\":"
        guard let range = text.firstRange(of: name) else { return nil }
        return UInt64(text[range.upperBound...].prefix { $0.isASCII && $0.isNumber })
    }
}
