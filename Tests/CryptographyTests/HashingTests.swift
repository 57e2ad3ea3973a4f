import Cryptography
import Testing

/// Digests and codes as their specifications print them.
struct HashingTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 gives the digests of FIPS 180-4`(text: String, digest: String) {
        #expect(Hexadecimal.encode(SHA256.digest(of: Array(text.utf8))) == digest)
    }

    @Test(arguments: [1, 3, 63, 64, 65, 1000])
    func `one context digests parts of any size, again and again`(chunk: Int) {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        let expected = SHA256.digest(of: message)
        var context = SHA256Context()
        context.update([1, 2, 3])
        context.reset()
        for _ in 0..<3 {
            for start in stride(from: 0, to: message.count, by: chunk) {
                context.update(Array(message[start..<min(start + chunk, message.count)]))
            }
            #expect(context.finish() == expected)
        }
        var digest = [UInt8](repeating: 7, count: 40)
        context.update(message.span)
        var target = digest.mutableSpan
        context.finish(into: &target)
        #expect(digest == expected + [UInt8](repeating: 7, count: 8))
    }

    @Test func `MD5 gives the digest of RFC 1321`() throws {
        #expect(try MD5.hexDigest(of: Array("message digest".utf8)) == "f96b697d7cb7938d525a2f31aaf161d0")
    }

    /// RFC 4231, sections 4.2, 4.3, 4.7.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func `HMAC-SHA-256 gives the codes of RFC 4231 as often as asked`(
        key: [UInt8], message: String, code: String
    ) {
        var hmac = HMACSHA256(key: key)
        for _ in 0..<3 {
            #expect(Hexadecimal.encode(hmac.authenticationCode(for: Array(message.utf8))) == code)
        }
    }

    /// The vectors of RFC 6070 with SHA-256 in SHA-1's place.
    @Test(arguments: [
        (1, "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"),
        (2, "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"),
        (4096, "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"),
    ])
    func `PBKDF2 derives what the published vectors say`(iterations: Int, key: String) throws {
        let derived = try PBKDF2.sha256(
            password: Array("password".utf8), salt: Array("salt".utf8), iterations: iterations)
        #expect(Hexadecimal.encode(derived) == key)
    }

    @Test func `random bytes have the length asked for and differ`() throws {
        let (one, other) = (try RandomBytes.generate(32), try RandomBytes.generate(32))
        #expect(one.count == 32)
        #expect(one != other)
        #expect(try RandomBytes.generate(0).isEmpty)
    }

    @Test func `equality needs the same bytes and the same length`() {
        #expect(ConstantTime.isEqual([1, 2, 3], [1, 2, 3]))
        #expect(ConstantTime.isEqual([], []))
        #expect(!ConstantTime.isEqual([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.isEqual([1, 2, 3], [1, 2]))
    }
}
