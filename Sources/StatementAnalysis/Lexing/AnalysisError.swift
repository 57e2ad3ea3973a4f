/// Why a text could not be analysed at all. Nothing of it may be forwarded.
package enum AnalysisError: Error, Equatable {
    /// The grammar refuses the text. The message is PostgreSQL's and quotes the text: for the client only.
    /// `position` counts characters from 1, as the `P` field of an `ErrorResponse` does.
    case syntax(message: String, position: Int)
    /// Longer than ``StatementLimits/maximumTextLength`` bytes.
    case tooLong(limit: Int)
    /// The parser does not see what follows a zero byte.
    case containsNUL
    case notUTF8
    /// Nested deeper than ``StatementLimits/maximumDepth``.
    case tooDeep
    /// More operator characters in a row than ``StatementLimits/maximumOperatorRun``.
    case tooComplex
    /// The parser's tree is not of the expected shape, or too large.
    case unreadableTree
    /// The thread that parses long texts could not be started.
    case noParserThread
}
