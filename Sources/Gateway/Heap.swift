import CMalloc

/// How the process uses the C library's heap.
enum Heap {
    /// Blocks of this many bytes and more are mapped on their own, and given back to the system once they are freed.
    static let mappedBlockLength = 1 << 20

    /// Left to itself, glibc raises its threshold to the longest block that was ever freed (mallopt(3),
    /// `M_MMAP_THRESHOLD`): after a few long rows, blocks as long come out of the heap, which hardly shrinks again.
    static func mapLongBlocks() {
        _ = mallopt(M_MMAP_THRESHOLD, CInt(mappedBlockLength))
    }
}
