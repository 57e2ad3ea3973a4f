import Kubernetes
import Testing

struct APIRequestTests {
    let policies = APIResource(
        group: "weir.dev", version: "v1alpha1", name: "maskingpolicies", kind: "MaskingPolicy")
    let nodes = APIResource(group: "", version: "v1", name: "nodes", kind: "Node", isNamespaced: false)
    let options = WriteOptions(fieldManager: "weir-test")
    let key = ObjectKey(namespace: "clinic", name: "phi")

    /// As the request line and the body.
    func text(_ request: APIRequest) -> String {
        var text = "\(request.method.rawValue) \(request.target)"
        if let body = request.body {
            text += " \(body.contentType) \(String(decoding: body.bytes, as: UTF8.self))"
        }
        return text
    }

    @Test func `objects are read by their path`() throws {
        #expect(try text(.get(.pods, key)) == "GET /api/v1/namespaces/clinic/pods/phi")
        #expect(
            try text(.get(policies, key, subresource: "status"))
                == "GET /apis/weir.dev/v1alpha1/namespaces/clinic/maskingpolicies/phi/status")
        #expect(try text(.get(nodes, ObjectKey(name: "n/1?"))) == "GET /api/v1/nodes/n%2F1%3F")
        #expect(text(.version) == "GET /version")
    }

    @Test func `versions and selectors are query parameters`() {
        #expect(text(.list(.pods)) == "GET /api/v1/pods")
        #expect(
            text(
                .list(
                    .pods, Selection(namespace: "a b", labelSelector: "app in (x,y)", fieldSelector: "a=b"),
                    limit: 500, continuing: "eyJ2/+="))
                == "GET /api/v1/namespaces/a%20b/pods?labelSelector=app%20in%20%28x%2Cy%29&fieldSelector=a%3Db"
                + "&limit=500&continue=eyJ2%2F%2B%3D")
        #expect(
            text(.watch(policies, Selection(namespace: "clinic"), after: "42", timeLimit: 300))
                == "GET /apis/weir.dev/v1alpha1/namespaces/clinic/maskingpolicies?watch=true"
                + "&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=42")
        #expect(
            text(.watchList(nodes, timeLimit: 300))
                == "GET /api/v1/nodes?watch=true&allowWatchBookmarks=true&timeoutSeconds=300"
                + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    }

    @Test func `objects are written where their metadata says`() throws {
        let object: JSON = ["kind": "MaskingPolicy", "metadata": ["name": "phi", "namespace": "clinic"]]
        let path = "/apis/weir.dev/v1alpha1/namespaces/clinic/maskingpolicies"
        let query = "?fieldManager=weir-test&fieldValidation=Strict"
        #expect(
            try text(.create(policies, object, options)) == "POST \(path)\(query) application/json \(object)")
        #expect(
            try text(.update(policies, object, options))
                == "PUT \(path)/phi\(query) application/json \(object)")
        #expect(
            try text(.apply(policies, object, options, subresource: "status"))
                == "PATCH \(path)/phi/status\(query)&force=true application/apply-patch+yaml \(object)")
        #expect(
            try text(
                .apply(
                    policies, object, .init(fieldManager: "m", fieldValidation: .warn, isDryRun: true),
                    isForced: false))
                == "PATCH \(path)/phi?fieldManager=m&fieldValidation=Warn&dryRun=All&force=false "
                + "application/apply-patch+yaml \(object)")
    }

    @Test func `patches are of the type they are sent as`() throws {
        let path = "/api/v1/namespaces/clinic/pods/phi?fieldManager=weir-test&fieldValidation=Strict"
        #expect(
            try text(.patch(.pods, key, merging: ["a": .null], options))
                == #"PATCH \#(path) application/merge-patch+json {"a":null}"#)
        #expect(
            try text(.patch(.pods, key, JSONPatch([.remove(JSONPointer(["a"]))]), options))
                == #"PATCH \#(path) application/json-patch+json [{"op":"remove","path":"/a"}]"#)
    }

    @Test func `an object is deleted or evicted on conditions`() throws {
        #expect(
            try text(.delete(.pods, key)) == "DELETE /api/v1/namespaces/clinic/pods/phi application/json {}")
        let conditions = DeleteOptions(
            uid: "u", resourceVersion: "7", propagation: .background, gracePeriod: 0, isDryRun: true)
        let json =
            #"{"dryRun":["All"],"gracePeriodSeconds":0,"preconditions":{"resourceVersion":"7","uid":"u"},"#
            + #""propagationPolicy":"Background"}"#
        #expect(
            try text(.delete(.pods, key, conditions))
                == "DELETE /api/v1/namespaces/clinic/pods/phi application/json \(json)")
        #expect(
            try text(.evict(pod: key, conditions))
                == #"POST /api/v1/namespaces/clinic/pods/phi/eviction application/json {"apiVersion":"policy/v1","#
                + #""deleteOptions":\#(json),"kind":"Eviction","metadata":{"name":"phi","namespace":"clinic"}}"#
        )
    }

    @Test(arguments: ["", ".", ".."])
    func `a request for no object is not one for all of them`(name: String) {
        let object: JSON = ["metadata": ["name": .string(name), "namespace": "clinic"]]
        let nowhere = ObjectKey(namespace: name, name: "phi")
        #expect(throws: RequestError.noName) {
            try APIRequest.delete(.pods, ObjectKey(namespace: "clinic", name: name))
        }
        #expect(throws: RequestError.noName) { try APIRequest.apply(policies, object, options) }
        #expect(throws: RequestError.noNamespace) { try APIRequest.get(.pods, nowhere) }
        #expect(throws: RequestError.noNamespace) {
            try APIRequest.create(.pods, ["metadata": ["name": "phi", "namespace": .string(name)]], options)
        }
    }

    @Test func `reviews ask what is meant`() throws {
        #expect(
            text(.reviewToken("t", audiences: ["weir"]))
                == "POST /apis/authentication.k8s.io/v1/tokenreviews application/json "
                + #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","#
                + #""spec":{"audiences":["weir"],"token":"t"}}"#)
        let attributes = ResourceAttributes(
            verb: "approve", group: "weir.dev", resource: "approvalrules", namespace: "clinic", name: "drop")
        let spec =
            #"{"resourceAttributes":{"group":"weir.dev","name":"drop","namespace":"clinic","#
            + #""resource":"approvalrules","subresource":"","verb":"approve"}"#
        #expect(
            text(.reviewAccess(attributes))
                == "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews application/json "
                + #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":\#(spec)}}"#
        )
        let user = UserInfo(username: "ann", uid: "1", groups: ["dba"], extra: ["scopes": ["a"]])
        #expect(
            text(.reviewAccess(attributes, of: user))
                == "POST /apis/authorization.k8s.io/v1/subjectaccessreviews application/json "
                + #"{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":"#
                + #"{"extra":{"scopes":["a"]},"groups":["dba"],"#
                + #"\#(spec.dropFirst()),"uid":"1","user":"ann"}}"#)
    }
}
