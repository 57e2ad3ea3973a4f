/// The node kinds and fields the analysis handles, arranged for looking them up by their bytes in a parse tree.
struct SyntaxGrammar: Sendable {
    static let shared = Self()

    private static let bucketCount = 2048

    private let kinds: [SyntaxKind] = SyntaxKind.allCases
    private let fields: [SyntaxField] = SyntaxField.allCases
    private var kindNames: [[UInt8]] = []
    private var fieldNames: [[UInt8]] = []
    /// The position of a kind or field by the hash of its name, open addressing; -1 is free.
    private var kindBuckets = [Int16](repeating: -1, count: Self.bucketCount)
    private var fieldBuckets = [Int16](repeating: -1, count: Self.bucketCount)
    /// `[kind * fields.count + field]`: 0 not handled, 1 handled, else 2 + the kind the field's object has.
    private var handled: [UInt8] = []

    private init() {
        kindNames = kinds.map { Array($0.rawValue.utf8) }
        fieldNames = fields.map { Array($0.rawValue.utf8) }
        for (index, name) in kindNames.enumerated() { Self.insert(index, name, into: &kindBuckets) }
        for (index, name) in fieldNames.enumerated() { Self.insert(index, name, into: &fieldBuckets) }
        handled = [UInt8](repeating: 0, count: kinds.count * fields.count)
        for line in Self.table.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let kind = SyntaxKind(rawValue: String(words[0])).flatMap(kinds.firstIndex(of:)) else {
                preconditionFailure("no such kind: \(words[0])")
            }
            for word in words.dropFirst() {
                let parts = word.split(separator: ":")
                guard let field = SyntaxField(rawValue: String(parts[0])).flatMap(fields.firstIndex(of:))
                else {
                    preconditionFailure("no such field: \(word)")
                }
                var entry: UInt8 = 1
                if parts.count == 2 {
                    guard let held = SyntaxKind(rawValue: String(parts[1])).flatMap(kinds.firstIndex(of:))
                    else {
                        preconditionFailure("no such kind: \(word)")
                    }
                    entry = UInt8(held + 2)
                }
                handled[kind * fields.count + field] = entry
            }
        }
    }

    /// A kind together with its row of the table.
    struct Kind: Equatable {
        fileprivate var index: Int
        var value: SyntaxKind
    }

    func kind(named name: some Collection<UInt8>) -> Kind? {
        Self.find(name, in: kindBuckets, kindNames).map { Kind(index: $0, value: kinds[$0]) }
    }

    /// The field of that name of such a node, and the kind of the object it holds when the tree does not say it.
    func field(named name: some Collection<UInt8>, of kind: Kind) -> (field: SyntaxField, holds: Kind?)? {
        guard let index = Self.find(name, in: fieldBuckets, fieldNames) else { return nil }
        switch handled[kind.index * fields.count + index] {
        case 0: return nil
        case 1: return (fields[index], nil)
        case let entry:
            let held = Int(entry) - 2
            return (fields[index], Kind(index: held, value: kinds[held]))
        }
    }

    private static func hash(_ name: some Collection<UInt8>) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in name { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int((hash ^ (hash >> 15)) % UInt32(bucketCount))
    }

    private static func insert(_ index: Int, _ name: [UInt8], into buckets: inout [Int16]) {
        var bucket = hash(name)
        while buckets[bucket] >= 0 { bucket = (bucket + 1) % bucketCount }
        buckets[bucket] = Int16(index)
    }

    private static func find(_ name: some Collection<UInt8>, in buckets: [Int16], _ names: [[UInt8]]) -> Int?
    {
        var bucket = hash(name)
        while buckets[bucket] >= 0 {
            let index = Int(buckets[bucket])
            if names[index].elementsEqual(name) { return index }
            bucket = (bucket + 1) % bucketCount
        }
        return nil
    }
}
