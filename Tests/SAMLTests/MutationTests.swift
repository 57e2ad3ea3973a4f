import Testing

@testable import SAML

/// Responses that were signed and then damaged by chance: none crashes the verifier, and none is believed to say something else.
struct MutationTests {
    /// Of each kind of response.
    private static let rounds = 3000

    /// Reproducible chance (xorshift64*).
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return state &* 0x2545_F491_4F6C_DD1D
        }
    }

    private static let words = [
        "<saml:Assertion>", "</saml:Assertion>", "<saml:NameID>admin</saml:NameID>", "<ds:Object>",
        "</ds:Object>",
        " ID=\"_assertion1\"", "_assertion1", "_response1", "<!---->", "<![CDATA[", "]]>", "&#0;", "&lt;",
        "<?x?>",
        "xmlns:saml=\"urn:x\"", "xmlns=\"\"", "\u{0}", "\u{FEFF}", "admin", "#", "<ds:Signature>",
        "</ds:Signature>",
    ].map { Array($0.utf8) }

    private static func mutate(_ bytes: inout [UInt8], _ chance: inout Chance) {
        let place = Int.random(in: 0..<bytes.count, using: &chance)
        let end = min(bytes.count, place + Int.random(in: 1...400, using: &chance))
        switch Int.random(in: 0..<6, using: &chance) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 1: bytes.removeSubrange(place..<end)
        case 2:
            bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &chance))
        case 3: bytes.insert(contentsOf: words[Int.random(in: words.indices, using: &chance)], at: place)
        case 4: bytes[place] = UInt8.random(in: 0...255, using: &chance)
        default:
            let piece = Array(bytes[place..<end])
            bytes.removeSubrange(place..<end)
            bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &chance))
        }
    }

    @Test(arguments: [[Draft.Signed.assertion], [.response], [.assertion, .response]])
    func `a damaged response says the same or nothing`(signs: [Draft.Signed]) throws {
        let provider = PlayedProvider.shared
        let original = Array(provider.respond { $0.signs = Set(signs) }.utf8)
        let verifier = try provider.verifier()
        func verify(_ bytes: [UInt8]) -> VerifiedAssertion? {
            try? verifier.verify(xml: bytes, answering: PlayedProvider.request, at: PlayedProvider.now)
        }
        let said = try #require(verify(original))
        var chance = Chance(state: UInt64(signs.count) &* 0x9E37_79B9_7F4A_7C15 | 1)
        var refused = 0
        for round in 0..<Self.rounds {
            var bytes = original
            for _ in 0...Int.random(in: 0..<3, using: &chance) where !bytes.isEmpty {
                Self.mutate(&bytes, &chance)
            }
            if let assertion = verify(bytes) {
                #expect(assertion == said, "round \(round): \(String(decoding: bytes, as: UTF8.self))")
            } else {
                refused += 1
            }
        }
        #expect(refused > Self.rounds / 2)
    }
}
