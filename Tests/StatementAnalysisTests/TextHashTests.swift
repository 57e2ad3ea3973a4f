import StatementAnalysis
import Testing

struct TextHashTests {
    @Test func `texts that differ in one byte or in length have other hashes`() {
        let text = Array("SELECT id, name FROM patients WHERE id = 0".utf8)
        var hashes: Set<Int> = [TextHash.hash(text.span)]
        for index in text.indices {
            var other = text
            other[index] ^= 1
            hashes.insert(TextHash.hash(other.span))
            hashes.insert(TextHash.hash(text.span.extracting(..<index)))
        }
        #expect(hashes.count == 1 + 2 * text.count)
        #expect(TextHash.hash(text.span) == TextHash.hash(Array(text).span))
    }

    @Test func `texts are equal only where every byte is`() {
        let text = Array("SELECT id, name FROM patients WHERE id = 0".utf8)
        // Spans do not pass through expectations.
        let isEqual = TextHash.areEqual(text.span, Array(text).span)
        #expect(isEqual)
        for index in text.indices {
            var other = text
            other[index] ^= 1
            let isChangedEqual = TextHash.areEqual(text.span, other.span)
            let isPrefixEqual = TextHash.areEqual(text.span, text.span.extracting(..<index))
            #expect(!isChangedEqual && !isPrefixEqual)
        }
    }
}
