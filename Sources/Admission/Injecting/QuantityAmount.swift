import API

/// What a quantity comes to, so that two are compared however each is written: in billionths, the finest that
/// Kubernetes tells apart.
struct QuantityAmount: Comparable {
    private let billionths: UInt128

    /// The largest that Kubernetes counts with.
    private static let maximum = UInt128(Int64.max) * 1_000_000_000
    /// A number that has come to this has 19 digits, as many as Kubernetes counts with; those that follow do
    /// not count.
    private static let fullNumber: UInt128 = 1_000_000_000_000_000_000
    /// An exponent past it makes any number the largest, or the smallest, that there is.
    private static let exponentLimit = 100

    private static let decimalPowers = [
        "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
    ]
    private static let binaryPowers = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60]

    /// - Returns: `nil` for what is no quantity, and for one with a sign.
    init?(_ text: String) {
        guard Quantity.isNotNegative(text) else { return nil }
        let digits = text.utf8.prefix { Self.isOfNumber($0) }
        var number: UInt128 = 0
        var power = 9  // of ten, by which the number is to be multiplied
        var isFraction = false
        for byte in digits {
            guard byte != Self.point else {
                isFraction = true
                continue
            }
            if number >= Self.fullNumber {
                if !isFraction { power += 1 }
                continue
            }
            number = number * 10 + UInt128(byte - UInt8(ascii: "0"))
            if isFraction { power -= 1 }
        }
        let suffix = String(decoding: text.utf8[digits.endIndex...], as: UTF8.self)
        if let binary = Self.binaryPowers[suffix] {
            number <<= binary
        } else {
            power += Self.decimalPowers[suffix] ?? Self.exponent(suffix)
        }
        while power > 0, number > 0, number < Self.maximum {
            number *= 10
            power -= 1
        }
        // Rounded up, so that something never comes to nothing.
        while power < 0, number > 1 {
            number = (number + 9) / 10
            power += 1
        }
        billionths = min(number, Self.maximum)
    }

    static func < (left: Self, right: Self) -> Bool { left.billionths < right.billionths }

    private static let point = UInt8(ascii: ".")

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        byte == point || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Of `e3` or `E-3`.
    private static func exponent(_ suffix: String) -> Int {
        let digits = suffix.dropFirst()
        let exponent = Int(digits) ?? (digits.hasPrefix("-") ? -exponentLimit : exponentLimit)
        return max(-exponentLimit, min(exponentLimit, exponent))
    }
}
