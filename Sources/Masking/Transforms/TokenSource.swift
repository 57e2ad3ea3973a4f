import API

/// A keyed stream of numbers for each value, from which its token is made.
///
/// The value's code under one key is the seed; block n of the stream is the code of the seed and n under
/// another. So the stream tells nothing about the seed, and nothing about the value without the keys.
struct TokenSource: Sendable {
    /// Longest value that gets a token, in bytes; ours. A longer one is redacted: its shape alone would
    /// identify it, and the stream costs one code for every sixteen characters.
    static let maximumLength = 64 << 10

    private let seeds: Pseudonyms
    private let blocks: Pseudonyms

    init?(_ key: SecretKeyReference?, of keys: MaskingKeys) {
        guard let seeds = keys.pseudonyms(for: .token, from: key),
            let blocks = keys.pseudonyms(for: .tokenStream, from: key)
        else { return nil }
        self.seeds = seeds
        self.blocks = blocks
    }

    func stream(for value: Span<UInt8>) -> Stream {
        Stream(seed: seeds.code(for: value), blocks: blocks)
    }

    struct Stream {
        private let blocks: Pseudonyms
        /// The seed and the number of the next block.
        private var message = InlineArray<40, UInt8>(repeating: 0)
        private var block = Pseudonyms.Code(repeating: 0)
        private var blockNumber: UInt64 = 0
        /// Bytes of `block` that are used up.
        private var used = 32

        fileprivate init(seed: Pseudonyms.Code, blocks: Pseudonyms) {
            self.blocks = blocks
            for index in seed.indices { message[index] = seed[index] }
        }

        /// The next number below `bound`; its bias is below `bound` / 2^16.
        mutating func next(below bound: UInt16) -> UInt8 {
            if used == 32 { refill() }
            let number = UInt16(block[used]) << 8 | UInt16(block[used + 1])
            used += 2
            return UInt8(number % bound)
        }

        private mutating func refill() {
            for index in 0..<8 {
                message[32 + index] = UInt8(truncatingIfNeeded: blockNumber >> UInt64(56 - 8 * index))
            }
            block = blocks.code(for: message.span)
            blockNumber += 1
            used = 0
        }
    }
}
