/// What the programs of one build are.
package enum Release {
    /// As the chart's `appVersion` has it.
    package static let version = "0.1.0"
}
