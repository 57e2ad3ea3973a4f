import Audit
import Cryptography
import Testing

struct CheckpointTests {
    private static let note = """
        weir-audit-sink/demo
        2
        +sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=

        \u{2014} weir-audit-sink/demo 
        """

    private func key() throws -> VerifierKey {
        VerifierKey(name: "weir-audit-sink/demo", publicKey: try Samples.key().publicKey)
    }

    private func signed() throws -> SignedNote {
        let root = try #require(
            Digest(hexadecimal: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"))
        let checkpoint = Checkpoint(origin: "weir-audit-sink/demo", size: 2, root: root)
        return try SignedNote(signing: checkpoint.text, as: checkpoint.origin, with: Samples.key())
    }

    @Test
    func `a checkpoint is a note as C2SP writes it`() throws {
        let note = try signed().note
        #expect(note.hasPrefix(Self.note))
        let signature = try #require(Base64.decode(note.dropFirst(Self.note.count).dropLast()))
        #expect(signature.count == 4 + 64)
        #expect(Array(signature.prefix(4)) == (try key().identifier))
    }

    @Test
    func `a note is read as it was written, and its signature holds`() throws {
        let note = try signed()
        let read = try #require(SignedNote(note.note))
        #expect(read == note)
        #expect(read.isSigned(by: try key()))
        #expect(Checkpoint(text: read.text)?.size == 2)
    }

    @Test
    func `the example of the note specification is read`() throws {
        // c2sp.org/signed-note; its text has an empty line of its own.
        let text = """
            Ognuno sta solo sul cuor della terra
            trafitto da un raggio di sole:

            ed è subito sera.

            \u{2014} quasimodo.example/salvatore \
            NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=

            """
        let note = try #require(SignedNote(text))
        #expect(note.text.hasSuffix("ed è subito sera.\n"))
        #expect(note.signatures.map(\.name) == ["quasimodo.example/salvatore"])
        #expect(note.signatures[0].keyIdentifier == [0x36, 0x7b, 0xa0, 0x4b])
        #expect(note.note == text)
    }

    @Test(arguments: [("2\n", "3\n"), ("demo\n2", "demO\n2"), ("sVCA", "sVCB")])
    func `a changed checkpoint is not signed`(old: String, new: String) throws {
        let changed = try signed().note.replacing(old, with: new, maxReplacements: 1)
        #expect(try SignedNote(changed)?.isSigned(by: key()) != true)
    }

    @Test
    func `a signature of another key does not count`() throws {
        let other = try Ed25519.PrivateKey(rawSeed: [UInt8](repeating: 3, count: 32)).publicKey
        #expect(try !signed().isSigned(by: VerifierKey(name: "weir-audit-sink/demo", publicKey: other)))
        #expect(try !signed().isSigned(by: VerifierKey(name: "another", publicKey: Samples.key().publicKey)))
    }

    @Test(arguments: [
        "a\n2\n", "a\n02\n+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=\n", "\n2\n+sVC\n", "a\n-1\nAAAA\n",
        "a\n2\n+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=\n\n",
    ])
    func `what is no checkpoint is not read as one`(text: String) {
        #expect(Checkpoint(text: text) == nil)
    }

    @Test(arguments: [
        "", "\n", "a\n", "a\n\n", "a\n\n\u{2014} b\n", "a\n\n- b AAAAAAAA\n",
        "a\u{1}\n\n\u{2014} b AAAAAAAA\n",
    ])
    func `what is no note is not read as one`(text: String) {
        #expect(SignedNote(text) == nil)
    }

    @Test
    func `verifier keys are read as written and only with their own identifier`() throws {
        let text = try key().text
        #expect(VerifierKey(text)?.text == text)
        #expect(VerifierKey("x" + text) == nil)
        #expect(VerifierKey(text.dropLast(2)) == nil)
    }
}
