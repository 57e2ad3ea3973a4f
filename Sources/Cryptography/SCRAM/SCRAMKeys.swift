/// What a password, a salt and a count come to (RFC 5802, section 3).
struct SCRAMKeys {
    let clientKey: [UInt8]
    let storedKey: [UInt8]
    let serverKey: [UInt8]

    init(password: [UInt8], salt: [UInt8], iterations: Int) throws(CryptographyError) {
        let saltedPassword = try PBKDF2.sha256(password: password, salt: salt, iterations: iterations)
        clientKey = SCRAM.authenticationCode(saltedPassword, Array("Client Key".utf8))
        storedKey = SHA256.digest(of: clientKey)
        serverKey = SCRAM.authenticationCode(saltedPassword, Array("Server Key".utf8))
    }
}
