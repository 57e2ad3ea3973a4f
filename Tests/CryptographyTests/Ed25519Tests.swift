import Cryptography
import Testing

struct Ed25519Tests {
    /// RFC 8032, section 7.1: seed, public key, message, signature.
    static let vectors = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    @Test(arguments: vectors)
    func `signatures are those of RFC 8032`(
        seed: String, publicKey: String, message: String, signature: String
    ) throws {
        let key = try Ed25519.PrivateKey(rawSeed: #require(Hexadecimal.decode(seed)))
        let message = try #require(Hexadecimal.decode(message))
        #expect(try Hexadecimal.encode(key.publicKey.rawRepresentation) == publicKey)
        #expect(try Hexadecimal.encode(key.sign(message)) == signature)
        #expect(try key.publicKey.isValidSignature(key.sign(message), for: message))
    }

    @Test func `another message, signature or key is not valid`() throws {
        let key = try Ed25519.PrivateKey.generate()
        var signature = try key.sign([1, 2, 3])
        let publicKey = try key.publicKey
        #expect(publicKey.isValidSignature(signature, for: [1, 2, 3]))
        #expect(!publicKey.isValidSignature(signature, for: [1, 2, 4]))
        #expect(!publicKey.isValidSignature(Array(signature.dropLast()), for: [1, 2, 3]))
        #expect(try !Ed25519.PrivateKey.generate().publicKey.isValidSignature(signature, for: [1, 2, 3]))
        signature[0] ^= 1
        #expect(!publicKey.isValidSignature(signature, for: [1, 2, 3]))
    }

    @Test func `PKCS#8 keeps the key`() throws {
        let key = try Ed25519.PrivateKey.generate()
        let pem = try key.pemRepresentation()
        #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        #expect(try Ed25519.PrivateKey(pem: pem).sign([9]) == key.sign([9]))
    }

    /// RFC 8410, section 10.3.
    @Test func `a key written by others is read`() throws {
        let pem = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----
            """
        let publicKey = try Ed25519.PrivateKey(pem: pem).publicKey.rawRepresentation
        #expect(
            Hexadecimal.encode(publicKey)
                == "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1")
    }

    @Test(arguments: [
        "", "not PEM",
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0000000000000000
        -----END PRIVATE KEY-----
        """,
    ])
    func `what is no Ed25519 key in PEM is refused`(pem: String) {
        #expect(throws: CryptographyError.self) { try Ed25519.PrivateKey(pem: pem) }
    }

    @Test func `seeds and keys of other lengths are refused`() {
        let short = [UInt8](repeating: 1, count: 31)
        #expect(throws: CryptographyError.malformed("Ed25519 seed of 31 bytes")) {
            try Ed25519.PrivateKey(rawSeed: short)
        }
        #expect(throws: CryptographyError.malformed("Ed25519 public key of 31 bytes")) {
            try Ed25519.PublicKey(rawRepresentation: short)
        }
    }
}
