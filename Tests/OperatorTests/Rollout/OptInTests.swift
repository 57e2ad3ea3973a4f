import API
import Foundation
import Kubernetes
import Testing
import YAML

@testable import Admission

/// The rule by which pods are made anew, and the selectors by which the API server asks the webhook.
struct OptInTests {
    private func injectors() throws -> [JSON] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Manifests/base/weir.yaml")
        let documents = try YAMLDocument.all(in: try Array(Data(contentsOf: url)), file: "weir.yaml")
        let configuration = documents.map { JSON($0.root) }.first {
            $0["kind"]?.string == "MutatingWebhookConfiguration"
        }
        return try #require(configuration?["webhooks"]?.array).filter {
            $0["clientConfig", "service", "path"]?.string == "/inject"
        }
    }

    private func selects(_ selector: JSON?, _ labels: [String: String]) -> Bool {
        let requirements = (selector?["matchExpressions"]?.array ?? []).map { requirement in
            LabelSelector.Requirement(
                key: requirement["key"]?.string ?? "",
                operator: requirement["operator"]?.string == "In" ? .isIn : .notIn,
                values: requirement["values"]?.strings ?? [])
        }
        return LabelSelector(matchExpressions: requirements).selects(labels)
    }

    @Test(arguments: ["clinic", "kube-system", "weir-system"])
    func `pods ask for a gateway when the webhook is asked about them`(namespace: String) throws {
        let injectors = try injectors()
        #expect(injectors.count == 2)
        let choices: [[String: String]] =
            [[:]] + ["enabled", "disabled", "other"].map { [PodNames.inject: $0] }
        for labels in choices {
            let named = labels.merging(["kubernetes.io/metadata.name": namespace]) { $1 }
            for pod in choices {
                let isAsked = injectors.contains {
                    selects($0["namespaceSelector"], named) && selects($0["objectSelector"], pod)
                }
                let isGiven = OptIn.isGiven(
                    by: pod, in: namespace, labels: labels, platformNamespace: "weir-system")
                #expect(isGiven == isAsked, "\(labels) \(pod)")
            }
        }
    }
}
