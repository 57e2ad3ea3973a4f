import Cryptography
import Testing

struct EncodingTests {
    /// RFC 4648, section 10.
    static let base64 = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: base64)
    func `Base64 is that of RFC 4648 both ways`(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test func `every byte value survives Base64`() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zg=g", "Zh==", "Zm9=", "Zm9v\n", "Zm 9v", "Zm9v====",
        "Zm-_", "é===",
    ])
    func `Base64 of any other spelling is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `hexadecimal is written in lower case and read in both`() {
        #expect(Hexadecimal.encode([0x00, 0x9a, 0xff]) == "009aff")
        #expect(Hexadecimal.decode("009aFf") == [0x00, 0x9a, 0xff])
    }

    @Test(arguments: ["0", "0g", "0x00", " 00", "٣٣"])
    func `what is not hexadecimal is refused`(text: String) {
        #expect(Hexadecimal.decode(text) == nil)
    }
}
