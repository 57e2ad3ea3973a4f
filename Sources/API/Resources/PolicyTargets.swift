/// The connections a policy binds: those named, or those its selectors choose.
package struct PolicyTargets: Sendable, Hashable {
    /// In the policy's own namespace, or in each that ``namespaceSelector`` chooses.
    package var connectionNames: [String]
    /// Over the connections' labels; `nil` when names are given.
    package var connectionSelector: LabelSelector?
    /// In the platform namespace only: the namespaces whose connections are bound.
    package var namespaceSelector: LabelSelector?

    package init(
        connectionNames: [String] = [], connectionSelector: LabelSelector? = nil,
        namespaceSelector: LabelSelector? = nil
    ) {
        self.connectionNames = connectionNames
        self.connectionSelector = connectionSelector
        self.namespaceSelector = namespaceSelector
    }

    package init(reading fields: inout MappingReader) {
        connectionNames = fields.strings("connectionNames", .objectName)
        connectionSelector = fields.optionalObject("connectionSelector") { LabelSelector(reading: &$0) }
        namespaceSelector = fields.optionalObject("namespaceSelector") { LabelSelector(reading: &$0) }
        let isNamed = !connectionNames.isEmpty
        if isNamed == fields.has("connectionSelector") {
            fields.fault(at: "connectionNames", "or connectionSelector must be given, and not both")
        }
    }
}

/// Whether a policy acts or only says what it would do.
package enum PolicyMode: String, Sendable, CaseIterable {
    case enforce = "Enforce"
    case dryRun = "DryRun"
}
