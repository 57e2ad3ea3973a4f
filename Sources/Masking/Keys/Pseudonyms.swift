import Cryptography
import Synchronization

/// A keyed one-way function for one purpose: HMAC-SHA-256 under a key derived from a secret.
final class Pseudonyms: Sendable {
    /// 32 bytes.
    typealias Code = InlineArray<32, UInt8>

    /// Sessions on one event loop take turns; the lock is for those on others.
    private let code: Mutex<HMACSHA256>

    init(secret: [UInt8], purpose: MaskingKeys.Purpose) {
        var derivation = HMACSHA256(key: secret)
        code = Mutex(HMACSHA256(key: derivation.authenticationCode(for: Array(purpose.rawValue.utf8))))
    }

    func code(for value: Span<UInt8>) -> Code {
        code.withLock { authentication in
            var code = Code(repeating: 0)
            var output = code.mutableSpan
            authentication.authenticationCode(for: value, into: &output)
            return code
        }
    }

    /// The code of eight bytes, most significant first.
    func code(for value: Int64) -> Code {
        var message = InlineArray<8, UInt8>(repeating: 0)
        for index in 0..<8 { message[index] = UInt8(truncatingIfNeeded: value >> (56 - 8 * index)) }
        return code(for: message.span)
    }

    /// A number below `bound`, the same for equal values; its bias is below `bound` / 2^64.
    func number(for value: Int64, below bound: UInt64) -> UInt64 {
        let code = code(for: value)
        var number: UInt64 = 0
        for index in 0..<8 { number = number << 8 | UInt64(code[index]) }
        return number % bound
    }
}
