/// The right edge of a growing tree: enough to append leaves and to know the root.
package struct MerkleFrontier: Sendable, Equatable {
    /// A complete subtree: 2^level leaves from leaf index · 2^level on.
    package struct Node: Sendable, Equatable {
        package let level: Int
        package let index: UInt64
        package let hash: Digest
    }

    package private(set) var size: UInt64 = 0
    /// Roots of the complete subtrees the leaves fall into, largest first; as many as `size` has one bits.
    private var subtrees: [Node] = []

    package init() {}

    /// Continues a tree of `size` leaves whose complete subtrees are kept.
    package init<Failure: Error>(size: UInt64, node: MerkleTree.NodeSource<Failure>) throws(Failure) {
        self.size = size
        var start: UInt64 = 0
        for level in (0..<UInt64.bitWidth).reversed() where size >> UInt64(level) & 1 == 1 {
            let index = start >> UInt64(level)
            subtrees.append(Node(level: level, index: index, hash: try node(level, index)))
            start += 1 << UInt64(level)
        }
    }

    /// Appends a leaf by its hash.
    /// - Returns: the subtrees that are complete now, the leaf itself first.
    package mutating func append(_ leaf: Digest) -> [Node] {
        var node = Node(level: 0, index: size, hash: leaf)
        var completed = [node]
        while let left = subtrees.last, left.level == node.level {
            subtrees.removeLast()
            node = Node(
                level: node.level + 1, index: node.index >> 1, hash: MerkleTree.node(left.hash, node.hash))
            completed.append(node)
        }
        subtrees.append(node)
        size += 1
        return completed
    }

    package var root: Digest {
        guard var hash = subtrees.last?.hash else { return MerkleTree.emptyRoot }
        for left in subtrees.dropLast().reversed() { hash = MerkleTree.node(left.hash, hash) }
        return hash
    }
}
