import Audit
import Cryptography
import Testing

/// The leaves and roots of the Certificate Transparency reference tests for RFC 6962.
struct MerkleTreeTests {
    private static let leaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ].map { MerkleTree.leaf(Hexadecimal.decode($0) ?? []) }

    private static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    /// Reads complete subtrees of `leaves` by hashing them anew.
    private func node(_ leaves: [Digest]) -> MerkleTree.NodeSource<Never> {
        { level, index in
            var hashes = Array(leaves[Int(index) << level..<(Int(index) + 1) << level])
            while hashes.count > 1 {
                hashes = stride(from: 0, to: hashes.count, by: 2).map {
                    MerkleTree.node(hashes[$0], hashes[$0 + 1])
                }
            }
            return hashes[0]
        }
    }

    private func hashes(_ texts: String...) -> [Digest?] { texts.map { Digest(hexadecimal: $0) } }

    @Test(arguments: 0...8)
    func `roots are those of the reference`(size: Int) {
        var frontier = MerkleFrontier()
        for leaf in Self.leaves.prefix(size) { _ = frontier.append(leaf) }
        #expect(frontier.root.hexadecimal == Self.roots[size])
        #expect(MerkleTree.root(to: UInt64(size), node: node(Self.leaves)).hexadecimal == Self.roots[size])
        let continued = MerkleFrontier(size: UInt64(size), node: node(Self.leaves))
        #expect(continued == frontier)
    }

    @Test
    func `audit paths are those of the reference`() {
        let source = node(Self.leaves)
        #expect(MerkleTree.inclusionProof(of: 0, size: 1, node: source).isEmpty)
        #expect(
            MerkleTree.inclusionProof(of: 0, size: 8, node: source)
                == hashes(
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"))
    }

    @Test
    func `consistency proofs are those of the reference`() {
        let source = node(Self.leaves)
        #expect(MerkleTree.consistencyProof(from: 1, to: 1, node: source).isEmpty)
        #expect(
            MerkleTree.consistencyProof(from: 6, to: 8, node: source)
                == hashes(
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"))
        #expect(
            MerkleTree.consistencyProof(from: 2, to: 5, node: source)
                == hashes(
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"))
    }

    @Test
    func `every proof of trees of up to 40 leaves holds, and no changed one`() {
        let leaves = (0..<40).map { MerkleTree.leaf([UInt8($0)]) }
        let source = node(leaves)
        let root = (0...40).map { MerkleTree.root(to: UInt64($0), node: source) }
        for size in 1...40 {
            for index in 0..<size {
                let path = MerkleTree.inclusionProof(of: UInt64(index), size: UInt64(size), node: source)
                func holds(_ leaf: Digest, _ index: Int, _ path: [Digest], _ root: Digest) -> Bool {
                    MerkleTree.isIncluded(leaf, at: UInt64(index), size: UInt64(size), path: path, root: root)
                }
                #expect(holds(leaves[index], index, path, root[size]))
                #expect(!holds(MerkleTree.leaf([99]), index, path, root[size]))
                #expect(!holds(leaves[index], index, path, root[size - 1]))
                #expect(!holds(leaves[index], index, path + [root[1]], root[size]))
                #expect(path.isEmpty || !holds(leaves[index], index, path.dropLast(), root[size]))
                #expect(!holds(leaves[index], size, path, root[size]))
            }
            for first in 0...size {
                let path = MerkleTree.consistencyProof(from: UInt64(first), to: UInt64(size), node: source)
                func holds(_ old: Digest, _ new: Digest, _ path: [Digest]) -> Bool {
                    MerkleTree.isConsistent(from: (UInt64(first), old), to: (UInt64(size), new), path: path)
                }
                #expect(holds(root[first], root[size], path))
                #expect(!holds(leaves[39], root[size], path))
                #expect(first == 0 || !holds(root[first], leaves[39], path))
                #expect(!holds(root[first], root[size], path + [root[1]]))
                #expect(path.isEmpty || !holds(root[first], root[size], path.dropLast()))
            }
        }
    }
}
