import Kubernetes
import Testing

@testable import ClusterModel

/// Policies over the deletion of many objects at once, by a request or with their namespace.
struct AdmissionPolicyTests {
    private static let registrations = "/apis/admissionregistration.k8s.io/v1"
    private let maps = "/api/v1/namespaces/clinic/configmaps"

    /// A namespace with the ConfigMaps `a` and `b`, over whose deletion there is a policy.
    private func talk(condition: String = "true", validation: String) -> Conversation {
        var talk = Conversation()
        talk.say(
            "POST", "/api/v1/namespaces",
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "clinic"]])
        for name in ["a", "b"] {
            talk.say(
                "POST", maps, ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)]])
        }
        let rules: JSON = [
            ["apiGroups": [""], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["configmaps"]]
        ]
        let spec: JSON = [
            "failurePolicy": "Fail", "matchConstraints": ["resourceRules": rules],
            "matchConditions": [["name": "c", "expression": .string(condition)]],
            "validations": [["expression": .string(validation), "message": "no"]],
        ]
        register("ValidatingAdmissionPolicy", "validatingadmissionpolicies", spec, &talk)
        let binding: JSON = ["policyName": "p", "validationActions": ["Deny"]]
        register("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", binding, &talk)
        return talk
    }

    private func register(_ kind: String, _ plural: String, _ spec: JSON, _ talk: inout Conversation) {
        talk.say(
            "POST", "\(Self.registrations)/\(plural)",
            [
                "apiVersion": "admissionregistration.k8s.io/v1", "kind": .string(kind),
                "metadata": ["name": "p"], "spec": spec,
            ])
    }

    private func names(_ talk: inout Conversation) -> [String] {
        (talk.say("GET", maps).body["items"]?.array ?? []).compactMap { $0["metadata", "name"]?.string }
    }

    @Test func `of many objects admission is told neither a name nor an object`() {
        let isOfMany = "!has(request.name) && object == null && oldObject.metadata.name in ['a', 'b']"
        var talk = talk(validation: isOfMany)
        #expect(talk.say("DELETE", "\(maps)/a").status == 422)
        #expect(talk.say("DELETE", maps).status == 200)
        #expect(names(&talk).isEmpty)
    }

    @Test func `the first that is refused ends the request`() {
        var talk = talk(validation: "oldObject.metadata.name != 'b'")
        let answer = talk.say("DELETE", maps)
        #expect(answer.status == 422)
        #expect(answer.body["message"]?.string?.hasSuffix("denied request: no") == true)
        #expect(names(&talk) == ["b"])
    }

    @Test func `a dry run deletes nothing`() {
        var talk = talk(validation: "true")
        #expect(talk.say("DELETE", maps, nil, ["dryRun": "All"]).status == 200)
        #expect(names(&talk) == ["a", "b"])
    }

    @Test(arguments: [
        "has(request.name) ? true : has(object.metadata.generateName)", "object.metadata.name == 'c'",
    ])
    func `a condition over the object that is gone keeps a namespace`(condition: String) {
        var talk = talk(condition: condition, validation: "true")
        #expect(talk.say("DELETE", maps).status == 422)
        #expect(talk.say("DELETE", "/api/v1/namespaces/clinic").status == 200)
        let namespace = talk.say("GET", "/api/v1/namespaces/clinic").body
        #expect(namespace["status", "phase"]?.string == "Terminating")
        #expect(names(&talk) == ["a", "b"])
        talk.say("DELETE", "\(Self.registrations)/validatingadmissionpolicybindings/p")
        #expect(talk.say("GET", "/api/v1/namespaces/clinic").status == 404)
    }

    @Test func `the controller of namespaces deletes what they hold`() {
        let controller = "system:serviceaccount:kube-system:namespace-controller"
        var talk = talk(validation: "request.userInfo.username == '\(controller)'")
        #expect(talk.say("DELETE", maps).status == 422)
        talk.say("DELETE", "/api/v1/namespaces/clinic")
        #expect(talk.say("GET", "/api/v1/namespaces/clinic").status == 404)
    }
}
