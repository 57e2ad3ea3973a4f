/// Check digits of identifiers; each takes the characters without separators.
enum Checksum {
    /// ISO/IEC 7812-1, annex B: cards and IMEIs. `seed` is the sum of what is thought before the digits.
    static func luhn(_ digits: some BidirectionalCollection<UInt8>, seed: Int = 0) -> Bool {
        var sum = seed
        var isDoubled = false
        for digit in digits.reversed() {
            let value = Int(digit - UInt8(ascii: "0"))
            sum += isDoubled ? (value > 4 ? 2 * value - 9 : 2 * value) : value
            isDoubled.toggle()
        }
        return sum % 10 == 0
    }

    /// A National Provider Identifier: ten digits, Luhn with 80840 before them (45 CFR 162.406), which adds 24.
    static func nationalProvider(_ digits: some BidirectionalCollection<UInt8>) -> Bool {
        digits.count == 10 && (digits.first == UInt8(ascii: "1") || digits.first == UInt8(ascii: "2"))
            && luhn(digits, seed: 24)
    }

    /// A registration with the Drug Enforcement Administration: two letters (or a letter and 9) and seven digits.
    static func drugEnforcement(_ code: ArraySlice<UInt8>) -> Bool {
        guard code.count == 9 else { return false }
        let start = code.startIndex
        guard registrants.contains(code[start]),
            code[start + 1].isUpperCaseLetter || code[start + 1] == UInt8(ascii: "9"),
            code[(start + 2)...].allSatisfy(\.isDigit)
        else { return false }
        let digits = code[(start + 2)...].map { Int($0 - UInt8(ascii: "0")) }
        return (digits[0] + digits[2] + digits[4] + 2 * (digits[1] + digits[3] + digits[5])) % 10 == digits[6]
    }

    private static let registrants = Array("ABCDEFGHJKLMPRSTUX".utf8)

    /// A vehicle identification number of 17 characters (49 CFR 565.15), with its check digit in the ninth.
    static func vehicle(_ code: ArraySlice<UInt8>) -> Bool {
        guard code.count == 17 else { return false }
        var sum = 0
        var check: UInt8 = 0
        for (index, byte) in code.enumerated() {
            guard let value = vehicleValue(of: byte) else { return false }
            sum += value * vehicleWeights[index]
            if index == 8 { check = byte }
        }
        let rest = sum % 11
        return check == (rest == 10 ? UInt8(ascii: "X") : UInt8(ascii: "0") + UInt8(rest))
    }

    private static let vehicleWeights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]

    private static func vehicleValue(of byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "H"): Int(byte - UInt8(ascii: "A")) + 1
        case UInt8(ascii: "J")...UInt8(ascii: "N"): Int(byte - UInt8(ascii: "J")) + 1
        case UInt8(ascii: "P"): 7
        case UInt8(ascii: "R"): 9
        case UInt8(ascii: "S")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "S")) + 2
        default: nil
        }
    }

    /// An International Bank Account Number: ISO 13616-1, mod 97-10 of ISO/IEC 7064.
    static func bankAccount(_ code: some Collection<UInt8>) -> Bool {
        guard (15...34).contains(code.count) else { return false }
        var rest = 0
        for byte in Array(code.dropFirst(4)) + Array(code.prefix(4)) {
            if byte.isDigit {
                rest = (rest * 10 + Int(byte - UInt8(ascii: "0"))) % 97
            } else if byte.isUpperCaseLetter {
                rest = (rest * 100 + Int(byte - UInt8(ascii: "A")) + 10) % 97
            } else {
                return false
            }
        }
        return rest == 1
    }

    /// A Medicare Beneficiary Identifier by its position rules (CMS, "Understanding the MBI format"): C A AN N A AN N
    /// A A N N, without S, L, O, I, B and Z.
    static func medicareBeneficiary(_ code: some Collection<UInt8>) -> Bool {
        guard code.count == 11 else { return false }
        for (byte, rule) in zip(code, Array("CAXNAXNAANN".utf8)) {
            let isLetter = byte.isUpperCaseLetter && !Array("SLOIBZ".utf8).contains(byte)
            let isMet =
                switch rule {
                case UInt8(ascii: "C"): byte.isDigit && byte != UInt8(ascii: "0")
                case UInt8(ascii: "A"): isLetter
                case UInt8(ascii: "N"): byte.isDigit
                default: isLetter || byte.isDigit
                }
            if !isMet { return false }
        }
        return true
    }

    /// A Social Security Number by area, group and serial, or a taxpayer's number of the same form (ITIN).
    static func socialSecurity(area: Int, group: Int, serial: Int) -> Bool {
        guard group > 0, serial > 0, area > 0, area != 666 else { return false }
        guard area >= 900 else { return true }
        return switch group {
        case 50...65, 70...88, 90...92, 94...99: true
        default: false
        }
    }
}
