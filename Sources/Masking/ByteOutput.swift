extension [UInt8] {
    /// Appends all bytes of `bytes` in one copy.
    mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    /// Appends the `byteCount` low bytes of `number`, most significant first.
    mutating func append(bigEndian number: UInt64, byteCount: Int) {
        for shift in stride(from: 8 * (byteCount - 1), through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }

    /// Replaces the four bytes at `offset`, most significant first.
    mutating func overwrite(at offset: Int, bigEndian number: UInt32) {
        self[offset] = UInt8(truncatingIfNeeded: number >> 24)
        self[offset + 1] = UInt8(truncatingIfNeeded: number >> 16)
        self[offset + 2] = UInt8(truncatingIfNeeded: number >> 8)
        self[offset + 3] = UInt8(truncatingIfNeeded: number)
    }

    /// Appends `number` in decimal digits, with leading zeros up to `width` digits.
    mutating func append(decimal number: UInt64, width: Int = 1) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0 || count - start < width
        self[start...].reverse()
    }

    /// Appends two lower-case hexadecimal digits for each byte.
    mutating func append(hexadecimal bytes: Span<UInt8>) {
        for index in bytes.indices {
            append(Self.hexadecimalDigits[Int(bytes[index] >> 4)])
            append(Self.hexadecimalDigits[Int(bytes[index] & 0xf)])
        }
    }

    /// Whether the bytes from `start` on are those of `bytes`.
    func ends(with bytes: Span<UInt8>, from start: Int) -> Bool {
        guard count - start == bytes.count else { return false }
        for index in bytes.indices where self[start + index] != bytes[index] { return false }
        return true
    }

    private static let hexadecimalDigits = Array("0123456789abcdef".utf8)
}

extension Span<UInt8> {
    /// The bytes read as one number, most significant first; at most eight.
    var bigEndianNumber: UInt64 {
        var number: UInt64 = 0
        for index in indices { number = number << 8 | UInt64(self[index]) }
        return number
    }

    /// The four bytes at `offset`, most significant first.
    func bigEndianWord(at offset: Int) -> UInt32 {
        UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16
            | UInt32(self[offset + 2]) << 8 | UInt32(self[offset + 3])
    }

    /// The bytes read as a decimal number; `nil` unless they are 1 to 19 digits and nothing else.
    var decimalNumber: UInt64? {
        guard (1...19).contains(count) else { return nil }
        var number: UInt64 = 0
        for index in indices {
            guard self[index].isDigit else { return nil }
            number = number * 10 + UInt64(self[index] - UInt8(ascii: "0"))
        }
        return number
    }
}

extension UInt8 {
    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
    var isLowerCaseLetter: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
    var isUpperCaseLetter: Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }

    /// The value of a hexadecimal digit; `nil` for any other byte.
    var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
