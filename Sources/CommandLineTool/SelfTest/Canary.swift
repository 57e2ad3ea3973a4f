import Cryptography

/// What the governed columns of the scratch schema hold: made up for one run, so that nothing else is taken for it.
struct Canary {
    let fullName: String
    let taxNumber: String
    let mail: String
    let mobile: Int64
    let born: String
    let diagnosis: String

    init() throws {
        let bytes = try RandomBytes.generate(40)
        let letters = bytes[..<24].map { Character(UnicodeScalar(UInt8(ascii: "a") + $0 % 26)) }
        let digits = bytes[24...].map { String($0 % 10) }
        fullName = "Q" + String(letters[..<7]) + " X" + String(letters[7..<14])
        taxNumber =
            "9" + digits[..<2].joined() + "-" + digits[2..<4].joined() + "-" + digits[4..<8].joined()
        mail = String(letters[14..<22]) + "@self-test.example"
        mobile = 7_000_000_000 + (Int64(digits[8..<15].joined()) ?? 0)
        born = "19\(60 + Int(bytes[39] % 30))-0\(1 + Int(bytes[38] % 9))-1\(bytes[37] % 10)"
        diagnosis = "fever of " + String(letters[3..<11])
    }

    /// A byte sequence that may not reach a client, and what it is.
    struct Tell {
        var what: String
        var bytes: [UInt8]

        init(_ what: String, _ text: String) {
            self.init(what, Array(text.utf8))
        }

        init(_ what: String, _ bytes: [UInt8]) {
            self.what = what
            self.bytes = bytes
        }
    }

    var tells: [Tell] {
        let words = fullName.split(separator: " ").map(String.init)
        let name = Array(fullName.utf8)
        var tells: [Tell] = words.map { Tell("fullname", $0) }
        tells += words.map { Tell("fullname in capitals", $0.uppercased()) }
        tells += words.map { Tell("fullname in hexadecimal", Hexadecimal.encode(Array($0.utf8))) }
        tells.append(Tell("fullname reversed", String(fullName.reversed())))
        tells.append(Tell("fullname in Base64", String(Base64.encode(name).prefix(16))))
        tells.append(Tell("taxid", taxNumber))
        tells.append(Tell("taxid in part", String(taxNumber.suffix(7))))
        tells.append(Tell("mail", String(mail.prefix(8))))
        tells.append(Tell("born", born))
        tells.append(Tell("diagnosis", diagnosis))
        tells.append(Tell("mobile", String(mobile)))
        let shifts = stride(from: 56, through: 0, by: -8)
        tells.append(Tell("mobile in binary", shifts.map { UInt8(truncatingIfNeeded: mobile >> $0) }))
        // A provider that refuses MD5 leaves it out.
        if let digest = try? MD5.hexDigest(of: Array(taxNumber.utf8)) {
            tells.append(Tell("the MD5 of taxid", digest))
        }
        return tells
    }
}
