/// Masks `bytea`; in text it is written in the `hex` form, whatever form `bytea_output` gave the value.
struct BytesMask: Sendable {
    enum Change: Sendable {
        /// 32 bytes, the keyed hash.
        case digest(Pseudonyms)
        /// As many keyed bytes as the value has, never the value itself.
        case token(TokenSource)
    }

    private let change: Change
    private let isBinary: Bool

    init(_ change: Change, isBinary: Bool) {
        self.change = change
        self.isBinary = isBinary
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        if isBinary { return append(maskOfValue: cell, to: &out) }
        guard let value = Self.value(ofText: cell) else { return false }
        var mask: [UInt8] = []
        guard append(maskOfValue: value.span, to: &mask) else { return false }
        out += "\\x".utf8
        out.append(hexadecimal: mask.span)
        return true
    }

    private func append(maskOfValue value: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        switch change {
        case .digest(let pseudonyms):
            out.append(copying: pseudonyms.code(for: value).span)
        case .token(let source):
            guard !value.isEmpty, value.count <= TokenSource.maximumLength else { return false }
            let start = out.count
            var stream = source.stream(for: value)
            for _ in value.indices { out.append(stream.next(below: 256)) }
            if out.ends(with: value, from: start) { out[start] &+= 1 }
        }
        return true
    }

    /// Decodes both of PostgreSQL's text forms (section 8.4); `nil` for neither.
    private static func value(ofText text: Span<UInt8>) -> [UInt8]? {
        let backslash = UInt8(ascii: "\\")
        let isHexadecimal = text.count >= 2 && text[0] == backslash && text[1] == UInt8(ascii: "x")
        var value: [UInt8] = []
        value.reserveCapacity(isHexadecimal ? text.count / 2 : text.count)
        var index = isHexadecimal ? 2 : 0
        while index < text.count {
            if isHexadecimal {
                guard index + 1 < text.count, let high = text[index].hexadecimalValue,
                    let low = text[index + 1].hexadecimalValue
                else { return nil }
                value.append(high << 4 | low)
                index += 2
            } else if text[index] != backslash {
                value.append(text[index])
                index += 1
            } else if index + 1 < text.count, text[index + 1] == backslash {
                value.append(backslash)
                index += 2
            } else {
                guard index + 3 < text.count, let byte = octalValue(of: text, at: index + 1) else {
                    return nil
                }
                value.append(byte)
                index += 4
            }
        }
        return value
    }

    /// The byte that three octal digits tell, the first of them at most 3.
    private static func octalValue(of text: Span<UInt8>, at index: Int) -> UInt8? {
        let zero = UInt8(ascii: "0")
        guard zero...zero + 3 ~= text[index], zero...zero + 7 ~= text[index + 1],
            zero...zero + 7 ~= text[index + 2]
        else { return nil }
        return (text[index] - zero) << 6 | (text[index + 1] - zero) << 3 | (text[index + 2] - zero)
    }
}
