import Admission
import Kubernetes
import Testing

/// The API server's own plugins change a sidecar once it is there, and the injector is asked again.
struct ReinvocationTests {
    /// As AlwaysPullImages, LimitRanger and ServiceAccount do to every container.
    private static func pluginsRun(over pod: JSON) -> JSON {
        var pod = pod
        for list in ["initContainers", "containers"] {
            guard let containers = pod["spec", list]?.array else { continue }
            pod["spec", list] = .array(
                containers.map { container in
                    var container = container
                    container["imagePullPolicy"] = "Always"
                    container["resources", "requests", "ephemeral-storage"] = "100Mi"
                    container["resources", "limits", "ephemeral-storage"] = "1Gi"
                    let token: JSON = [
                        "name": "kube-api-access-x7k2p", "readOnly": true,
                        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                    ]
                    container["volumeMounts"] = .array((container["volumeMounts"]?.array ?? []) + [token])
                    return container
                })
        }
        return pod
    }

    private static func sidecar(of pod: JSON, native: Bool) throws -> JSON {
        try #require(pod["spec", native ? "initContainers" : "containers"]?.named("weir-gateway"))
    }

    @Test(arguments: [true, false])
    func `what they ask for when they validate the pod is kept, and a third admission changes nothing`(
        native: Bool
    ) throws {
        let first = try Samples.injected(Samples.pod(), native: native).pod
        let changed = Self.pluginsRun(over: first)
        let second = try Samples.injected(changed, native: native).pod
        var expected = try Self.sidecar(of: first, native: native)
        expected["imagePullPolicy"] = "Always"
        expected["resources"] = Samples.json(
            """
            {"requests": {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "100Mi"},
             "limits": {"cpu": "1", "memory": "256Mi", "ephemeral-storage": "1Gi"}}
            """)
        // And so it has no token for the API server.
        #expect(try Self.sidecar(of: second, native: native) == expected)
        #expect(
            second["spec", "containers"]?.named("api") == changed["spec", "containers"]?.named("api"))
        #expect(try Samples.injected(second, native: native).injection.patch.isEmpty)
    }

    @Test func `without a further mount nothing is to be done`() throws {
        var pod = try Samples.injected(Samples.pod()).pod
        var sidecar = try Self.sidecar(of: pod, native: true)
        sidecar["imagePullPolicy"] = "Always"
        pod["spec", "initContainers"] = [sidecar]
        #expect(try Samples.injected(pod).injection.patch.isEmpty)
    }

    @Test func `a connection that says how much storage there is says it for good`() throws {
        let connection = Samples.connection(
            "clinic", "sidecar: {resources: {limits: {ephemeral-storage: 2Gi}}}")
        let first = try Samples.injected(Samples.pod(), [connection]).pod
        let second = try Samples.injected(Self.pluginsRun(over: first), [connection]).pod
        let resources = try Self.sidecar(of: second, native: true)["resources"]
        #expect(resources?["requests", "ephemeral-storage"] == "2Gi")
        #expect(resources?["limits", "ephemeral-storage"] == "2Gi")
    }

    @Test func `nothing else stays of a container that was brought along`() throws {
        let brought = """
            [{"name": "weir-gateway", "image": "evil", "imagePullPolicy": "Never", "resources": {
                "requests": {"cpu": "9", "ephemeral-storage": "much", "example.com/device": "1"},
                "limits": {"cpu": "9", "ephemeral-storage": {}, "example.com/device": "1",
                           "hugepages-2Mi": "4Mi"},
                "claims": [{"name": "gpu"}]}}]
            """
        let pod = Samples.pod(spec: #"{"initContainers": \#(brought)}"#)
        #expect(try Samples.injected(pod).pod == Samples.injected(Samples.pod()).pod)
    }

    @Test func `a container in the other list leaves nothing at all`() throws {
        let containers = """
            [{"name": "api", "image": "clinic-api:1"},
             {"name": "weir-gateway", "image": "evil", "imagePullPolicy": "Always"}]
            """
        let result = try Samples.injected(Samples.pod(containers: containers)).pod
        #expect(try Self.sidecar(of: result, native: true)["imagePullPolicy"] == "IfNotPresent")
    }
}
