import API
import SeededRandomness
import Testing

@testable import Manifests

/// Manifests with bytes changed at random: reading ends, and tells a place for every fault.
struct MutationTests {
    @Test(arguments: 1...4)
    func `a damaged manifest is read or refused, never trapped on`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let samples = [Samples.all, Samples.complete].map { Array($0.utf8) }
        for _ in 0..<400 {
            var bytes = samples[Int(random.next() % 2)]
            for _ in 0...random.next() % 4 { Self.damage(&bytes, &random) }
            do {
                _ = try ManifestSet.read([ManifestFile(path: "f.yaml", bytes: bytes)])
            } catch {
                #expect(!error.faults.isEmpty)
                #expect(error.faults.allSatisfy { $0.position.line > 0 && !$0.message.isEmpty })
            }
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let start = Int(random.next() % UInt64(bytes.count))
        let end = min(bytes.count, start + Int(random.next() % 40))
        switch random.next() % 6 {
        case 0: bytes[start] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeSubrange(start..<end)
        case 2: bytes.insert(contentsOf: bytes[start..<end], at: Int(random.next() % UInt64(bytes.count)))
        case 3: bytes.insert(Array("&*!|>%@`{}[]:-?#\"'\n\t<~".utf8)[Int(random.next() % 22)], at: start)
        case 4: bytes.removeSubrange(start...)
        default: bytes.swapAt(start, Int(random.next() % UInt64(bytes.count)))
        }
    }
}
