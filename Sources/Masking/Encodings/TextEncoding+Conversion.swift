extension TextEncoding {
    /// The text as UTF-8; `nil` when it has bytes outside ASCII that are not valid, or that the gateway has no table for.
    package func utf8(of text: Span<UInt8>) -> [UInt8]? {
        if kind == .utf8 { return (try? UTF8Span(validating: text)) == nil ? nil : Self.copy(text) }
        if Self.isASCII(text) { return Self.copy(text) }
        switch kind {
        case .singleByte:
            guard let table = Self.tables[name] else { return nil }
            var result: [UInt8] = []
            result.reserveCapacity(text.count * 2)
            for index in text.indices {
                guard let scalar = table.scalar(of: text[index]) else { return nil }
                result += UTF8.encode(scalar).map { Array($0) } ?? []
            }
            return result
        case .utf8, .bytes, .multiByte, .embedsASCII, .unknown:
            return nil
        }
    }

    /// A UTF-8 text in this encoding; `nil` when it has a character this one has not.
    package func encoded(_ text: [UInt8]) -> [UInt8]? {
        if kind == .utf8 || Self.isASCII(text.span) { return text }
        guard kind == .singleByte, let table = Self.tables[name],
            let valid = String(validating: text, as: UTF8.self)
        else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for scalar in valid.unicodeScalars {
            guard let byte = table.byte(of: scalar) else { return nil }
            result.append(byte)
        }
        return result
    }

    private static func copy(_ text: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.append(copying: text)
        return result
    }

    package static func isASCII(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where text[index] >= 0x80 { return false }
        return true
    }

    private struct Table: Sendable {
        /// Of the bytes from 0x80 on; 0 for a byte that stands for nothing.
        let scalars: [UInt16]
        let bytes: [UInt16: UInt8]

        init(_ digits: String) {
            let units = Array(digits.utf8)
            let scalars = stride(from: 0, to: units.count, by: 4).map { start in
                units[start..<start + 4].reduce(UInt16(0)) { $0 << 4 | UInt16($1.hexadecimalValue ?? 0) }
            }
            self.scalars = scalars
            bytes = Dictionary(
                scalars.indices.filter { scalars[$0] != 0 }.map { (scalars[$0], UInt8(0x80 + $0)) },
                uniquingKeysWith: { first, _ in first })
        }

        func scalar(of byte: UInt8) -> Unicode.Scalar? {
            guard byte >= 0x80 else { return Unicode.Scalar(byte) }
            let value = scalars[Int(byte) - 0x80]
            return value == 0 ? nil : Unicode.Scalar(value)
        }

        func byte(of scalar: Unicode.Scalar) -> UInt8? {
            if scalar.isASCII { return UInt8(scalar.value) }
            return scalar.value <= 0xFFFF ? bytes[UInt16(scalar.value)] : nil
        }
    }

    private static let tables = upperHalves.mapValues { Table($0) }
}
