package import API
import Cryptography

extension SessionID {
    /// 32 lower-case digits.
    package var hexadecimal: String {
        var writer = JSONWriter()
        writer.hexadecimal(high)
        writer.hexadecimal(low)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// - Returns: `nil` unless `text` has 32 hexadecimal digits.
    package init?(hexadecimal text: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(text), bytes.count == 16 else { return nil }
        self.init(
            high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
