/// Replaces a `uuid` by a keyed one of version 8, "custom" (RFC 9562, section 5.8).
struct UUIDMask: Sendable {
    private let pseudonyms: Pseudonyms
    private let isBinary: Bool

    init(_ pseudonyms: Pseudonyms, isBinary: Bool) {
        self.pseudonyms = pseudonyms
        self.isBinary = isBinary
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        if isBinary {
            guard cell.count == 16 else { return false }
            append(maskOfValue: cell, to: &out)
            return true
        }
        guard let value = Self.value(ofText: cell) else { return false }
        append(maskOfValue: value.span, to: &out)
        return true
    }

    private func append(maskOfValue value: Span<UInt8>, to out: inout [UInt8]) {
        var code = pseudonyms.code(for: value)
        code[6] = code[6] & 0x0f | 0x80
        code[8] = code[8] & 0x3f | 0x80
        let mask = code.span.extracting(..<16)
        guard !isBinary else {
            out.append(copying: mask)
            return
        }
        var start = 0
        for end in [4, 6, 8, 10, 16] {
            if start > 0 { out.append(UInt8(ascii: "-")) }
            out.append(hexadecimal: mask.extracting(start..<end))
            start = end
        }
    }

    /// Reads the 8-4-4-4-12 digits the server writes.
    private static func value(ofText text: Span<UInt8>) -> InlineArray<16, UInt8>? {
        guard text.count == 36 else { return nil }
        var value = InlineArray<16, UInt8>(repeating: 0)
        var index = 0
        for byte in value.indices {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard text[index] == UInt8(ascii: "-") else { return nil }
                index += 1
            }
            guard let high = text[index].hexadecimalValue, let low = text[index + 1].hexadecimalValue else {
                return nil
            }
            value[byte] = high << 4 | low
            index += 2
        }
        return value
    }
}
