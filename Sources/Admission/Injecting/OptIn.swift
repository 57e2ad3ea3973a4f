/// Which pods ask for a gateway, by their labels and their namespace's: what the selectors of the chart's webhooks
/// say, for whoever has to know it of a pod that is there.
package enum OptIn {
    /// Its pods are never touched; nor are those of the operator's own namespace.
    private static let systemNamespace = "kube-system"

    /// Whether a pod with these labels wants none, whatever its namespace says.
    package static func isRefused(by pod: [String: String]) -> Bool {
        pod[PodNames.inject] == PodNames.disabled
    }

    /// Whether a pod with these labels is to have one, in a namespace with labels of its own.
    package static func isGiven(
        by pod: [String: String], in namespace: String, labels: [String: String], platformNamespace: String
    ) -> Bool {
        guard namespace != systemNamespace, namespace != platformNamespace, !isRefused(by: pod) else {
            return false
        }
        switch labels[PodNames.inject] {
        case PodNames.enabled?: return true
        case PodNames.disabled?: return false
        default: return pod[PodNames.inject] == PodNames.enabled
        }
    }
}
