/// What an operator was installed with; the same on every replica.
package struct InstallationSettings: Sendable, Equatable {
    /// The operator's own namespace, whose policies may select others.
    package var namespace: String
    /// Image of the sidecar, with its digest where the chart knows one.
    package var sidecarImage: String
    /// Base URL of the audit sink as pods reach it.
    package var sink: String
    /// Whether the sink's certificate is of the operator's authority; otherwise it is one that the system trusts.
    package var isSinkCertified: Bool
    /// Base URL of the configuration stream as pods reach it.
    package var configurationURL: String
    /// Of this program.
    package var version: String

    package init(
        namespace: String, sidecarImage: String, sink: String, isSinkCertified: Bool = false,
        configurationURL: String, version: String
    ) {
        self.namespace = namespace
        self.sidecarImage = sidecarImage
        self.sink = sink
        self.isSinkCertified = isSinkCertified
        self.configurationURL = configurationURL
        self.version = version
    }
}
