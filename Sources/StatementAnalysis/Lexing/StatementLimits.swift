/// The limits that keep an analysis within its stack and memory. Ours; PostgreSQL's are its memory's.
package enum StatementLimits {
    /// Longest query string analysed, in bytes.
    package static let maximumTextLength = 1 << 20

    /// Longest query string parsed on the caller's stack, in bytes: longer ones get a thread with a stack of
    /// ``parserStackSize``.
    static let maximumTextLengthOnCallersStack = 4 << 10

    /// Stack of the thread that parses a long text, in bytes. Only what is touched costs memory.
    static let parserStackSize = 512 << 20

    /// Deepest nesting of expressions, sub-queries and joins analysed. A chain of set operations counts once.
    static let maximumDepth = 400
}
