/// The limits that keep an analysis within its stack and memory. Ours; PostgreSQL's are its memory's.
package enum StatementLimits {
    /// Longest query string analysed, in bytes; of a longer one, what is left of it when its long constants are cut.
    package static let maximumTextLength = 1 << 20

    /// Longest constant left as it is in a query string that is longer than ``maximumTextLength``, in bytes.
    static let maximumConstantLength = 1 << 10

    /// Longest query string parsed on the caller's stack, in bytes: longer ones get a thread with a stack of
    /// ``parserStackSize``.
    static let maximumTextLengthOnCallersStack = 4 << 10

    /// Stack of the thread that parses a long text, in bytes; only what is touched costs memory.
    ///
    /// The grammar nests its own stack 10,000 deep at most, but chains of operators make a tree as deep as they are
    /// long: the worst text of the longest length (`1+1+1...`) was measured to take between 64 and 96 MiB.
    static let parserStackSize = 256 << 20

    /// Longest run of operator characters, in bytes, comments included: the scanner's time grows with its square.
    package static let maximumOperatorRun = 1024

    /// Deepest nesting of a parse tree read, in objects and lists. A set operation of n arms nests n deep.
    static let maximumTreeDepth = 20_000

    /// Deepest nesting of expressions, sub-queries and joins analysed. A chain of set operations counts once.
    static let maximumDepth = 400
}
