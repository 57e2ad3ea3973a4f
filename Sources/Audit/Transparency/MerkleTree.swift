import Cryptography

/// The Merkle hash tree of RFC 6962, section 2.1, over leaves that are kept elsewhere.
package enum MerkleTree {
    /// Of the tree without leaves.
    package static let emptyRoot = Digest(of: [])

    package static func leaf(_ record: some Sequence<UInt8>) -> Digest {
        Digest(of: [0x00] + record)
    }

    package static func node(_ left: Digest, _ right: Digest) -> Digest {
        Digest(of: [0x01] + left.bytes + right.bytes)
    }

    /// Reads the hash of the complete subtree of 2^level leaves from leaf index · 2^level on.
    package typealias NodeSource<Failure: Error> = (_ level: Int, _ index: UInt64) throws(Failure) -> Digest

    /// The root over leaves `start ..< end`, where `start` is a multiple of the largest power of two in the tree.
    package static func root<Failure: Error>(
        from start: UInt64 = 0, to end: UInt64, node source: NodeSource<Failure>
    ) throws(Failure) -> Digest {
        let count = end - start
        if count == 0 { return emptyRoot }
        if count & (count - 1) == 0 {
            let level = count.trailingZeroBitCount
            return try source(level, start >> UInt64(level))
        }
        let middle = start + split(count)
        return node(
            try root(from: start, to: middle, node: source), try root(from: middle, to: end, node: source))
    }

    /// The audit path of leaf `index` in the tree of `size` leaves (section 2.1.1), leaf's sibling first.
    package static func inclusionProof<Failure: Error>(
        of index: UInt64, size: UInt64, node source: NodeSource<Failure>
    ) throws(Failure) -> [Digest] {
        precondition(index < size, "a proof is of a leaf of the tree")
        var path: [Digest] = []
        var (start, end) = (UInt64(0), size)
        while end - start > 1 {
            let middle = start + split(end - start)
            if index < middle {
                path.append(try root(from: middle, to: end, node: source))
                end = middle
            } else {
                path.append(try root(from: start, to: middle, node: source))
                start = middle
            }
        }
        return path.reversed()
    }

    /// That the tree of `first` leaves is a prefix of the tree of `second` (section 2.1.2).
    package static func consistencyProof<Failure: Error>(
        from first: UInt64, to second: UInt64, node source: NodeSource<Failure>
    ) throws(Failure) -> [Digest] {
        precondition(first <= second, "a tree grows")
        guard first > 0, first < second else { return [] }
        var path: [Digest] = []
        var (start, end) = (UInt64(0), second)
        while first != end {
            let middle = start + split(end - start)
            if first <= middle {
                path.append(try root(from: middle, to: end, node: source))
                end = middle
            } else {
                path.append(try root(from: start, to: middle, node: source))
                start = middle
            }
        }
        // The old tree's own right edge, unless it is the old root, which the verifier knows.
        if start > 0 { path.append(try root(from: start, to: end, node: source)) }
        return path.reversed()
    }

    /// Whether `path` leads from the leaf to `root`. Any values may be given.
    package static func isIncluded(
        _ leaf: Digest, at index: UInt64, size: UInt64, path: [Digest], root: Digest
    ) -> Bool {
        guard index < size else { return false }
        var hash = leaf
        var (position, last) = (index, size - 1)
        for sibling in path {
            guard last > 0 else { return false }
            if position & 1 == 1 || position == last {
                hash = node(sibling, hash)
                // On the right edge, levels without a sibling are passed over.
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = node(hash, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether `path` shows that the tree with `second` root continues the one with `first` root.
    package static func isConsistent(
        from first: (size: UInt64, root: Digest), to second: (size: UInt64, root: Digest), path: [Digest]
    ) -> Bool {
        if first.size == second.size { return first.root == second.root && path.isEmpty }
        guard first.size < second.size else { return false }
        if first.size == 0 { return first.root == emptyRoot && path.isEmpty }
        var siblings = path[...]
        // The first hash is the largest subtree on the old tree's right edge; left out where it is the old root.
        guard let start = first.size & (first.size - 1) == 0 ? first.root : siblings.popFirst() else {
            return false
        }
        var (position, last) = (first.size - 1, second.size - 1)
        while position & 1 == 1 {
            position >>= 1
            last >>= 1
        }
        var (oldRoot, newRoot) = (start, start)
        for sibling in siblings {
            guard last > 0 else { return false }
            if position & 1 == 1 || position == last {
                oldRoot = node(sibling, oldRoot)
                newRoot = node(sibling, newRoot)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                newRoot = node(newRoot, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && oldRoot == first.root && newRoot == second.root
    }

    /// The largest power of two smaller than `count`, which is at least 2.
    private static func split(_ count: UInt64) -> UInt64 {
        1 << UInt64(UInt64.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
