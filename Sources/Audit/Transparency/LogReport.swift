/// What was found in the log of a sink.
package struct LogReport: Sendable, Equatable {
    package var origin = ""
    package var recordCount: UInt64 = 0
    /// Leaves of the largest tree that a good checkpoint signs; what comes after is not proven to be unchanged.
    package var coveredCount: UInt64 = 0
    package var checkpointCount = 0
    /// One for each gateway, and the sink's own, by name.
    package var chains: [ChainReport] = []
    /// What the sink refused, as it recorded it.
    package var incidents: [String] = []
    /// Those of the log itself; each chain has its own.
    package var findings: [Finding] = []

    package init() {}

    package var isIntact: Bool { findings.isEmpty && chains.allSatisfy(\.isIntact) }
}
