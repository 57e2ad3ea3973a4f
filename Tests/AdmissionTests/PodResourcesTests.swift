import Admission
import Kubernetes
import Testing

/// Pods that ask for resources as a whole (`spec.resources`).
struct PodResourcesTests {
    /// The sidecar's resources in such a pod, after a second admission that changed nothing.
    private static func sidecarResources(
        in pod: JSON, native: Bool = true, _ connection: BoundConnection = Samples.clinic
    ) throws -> JSON {
        let result = try Samples.injected(pod, [connection], native: native).pod
        #expect(try Samples.injected(result, [connection], native: native).injection.patch.isEmpty)
        let list = result["spec", native ? "initContainers" : "containers"]
        return try #require(list?.named("weir-gateway")?["resources"])
    }

    private static func pod(_ resources: String) -> JSON {
        Samples.pod(spec: #"{"resources": \#(resources)}"#)
    }

    @Test(arguments: [true, false])
    func `the pod's request is for the sidecar too, and no limit is above the pod's`(native: Bool) throws {
        let pod = Self.pod(
            """
            {"requests": {"cpu": "100m", "memory": "96Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}}
            """)
        #expect(
            try Self.sidecarResources(in: pod, native: native)
                == Samples.json(
                    """
                    {"requests": {"cpu": "0", "memory": "0"}, "limits": {"cpu": "500m", "memory": "128Mi"}}
                    """))
    }

    @Test func `a resource of which the pod says nothing is the sidecar's own`() throws {
        let pod = Self.pod(#"{"requests": {"memory": "96Mi"}}"#)
        #expect(
            try Self.sidecarResources(in: pod)
                == Samples.json(
                    """
                    {"requests": {"cpu": "50m", "memory": "0"}, "limits": {"cpu": "1", "memory": "256Mi"}}
                    """))
    }

    @Test func `what connection and pod ask of the sidecar is no exception`() throws {
        var pod = Self.pod(#"{"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}"#)
        pod["metadata", "annotations"] = ["weir.dev/sidecar-cpu": "2"]
        let connection = Samples.connection(
            "clinic", "sidecar: {resources: {requests: {memory: 512Mi}, limits: {memory: 2Gi}}}")
        #expect(
            try Self.sidecarResources(in: pod, connection)
                == Samples.json(
                    #"{"requests": {"cpu": "0", "memory": "0"}, "limits": {"cpu": "2", "memory": "1Gi"}}"#))
    }

    @Test(arguments: [
        ("255Mi", "255Mi"), ("256Mi", "256Mi"), ("0.25Gi", "256Mi"), ("257Mi", "256Mi"), ("1Gi", "256Mi"),
        ("268435455", "268435455"), ("268435456", "256Mi"), ("268435455999m", "268435455999m"),
        ("268435456001m", "256Mi"), ("0.2G", "0.2G"), ("268M", "268M"), ("269M", "256Mi"), (".2G", ".2G"),
        ("1e8", "1e8"), ("1E8", "1E8"), ("1e+9", "256Mi"), ("1e9", "256Mi"), ("1E", "256Mi"),
        ("16Ei", "256Mi"), ("0", "0"), ("000001Mi", "000001Mi"), ("99999999999999999999n", "256Mi"),
        ("1e-400", "1e-400"), ("1e99999999999999999999", "256Mi"),
        ("268435455.99999999999999999999", "256Mi"), ("123456789012345678901234567890", "256Mi"),
    ])
    func `the lower limit counts, however it is written`(pods: String, expected: String) throws {
        let pod = Self.pod(#"{"limits": {"memory": "\#(pods)"}}"#)
        #expect(try Self.sidecarResources(in: pod)["limits", "memory"]?.string == expected)
    }

    @Test(arguments: [
        "{}", "[]", "7", "null", #"{"requests": [], "limits": "x"}"#,
        #"{"requests": {"cpu": "", "memory": "1 Gi"}, "limits": {"cpu": "-1", "memory": "1e"}}"#,
        #"{"requests": {"cpu": 1, "memory": null}, "limits": {"cpu": {}, "memory": ".Mi"}}"#,
        #"{"limits": {"hugepages-2Mi": "4Mi"}}"#,
    ])
    func `what is no quantity, and what is another resource's, leaves the sidecar as it is`(resources: String)
        throws
    {
        let pod = Self.pod(resources)
        #expect(
            try Self.sidecarResources(in: pod)
                == Samples.json(
                    """
                    {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}
                    """))
        let result = try Samples.injected(pod).pod
        #expect(result["spec", "resources"] == pod["spec", "resources"])
    }

    @Test func `what the API server has the pod request for the sidecar is not asked for twice`() throws {
        var pod = try Samples.injected(Self.pod(#"{"limits": {"memory": "512Mi"}}"#)).pod
        #expect(try Self.sidecarResources(in: pod)["requests", "cpu"] == "50m")
        pod["spec", "resources", "requests", "cpu"] = "50m"
        #expect(try Self.sidecarResources(in: pod)["requests", "cpu"] == "0")
    }

    // MARK: - Limits without requests

    @Test(arguments: ["", #""requests": null, "#, #""requests": {}, "#])
    func `a limit that no container shares is the pod's request, as it is without a sidecar`(requests: String)
        throws
    {
        let pod = Self.pod(#"{\#(requests)"limits": {"memory": "512Mi"}}"#)
        let result = try Samples.injected(pod).pod
        #expect(
            result["spec", "resources"]
                == Samples.json(#"{"requests": {"memory": "512Mi"}, "limits": {"memory": "512Mi"}}"#))
        #expect(
            try Self.sidecarResources(in: pod)["requests"] == ["cpu": "50m", "memory": "0"])
    }

    @Test(arguments: ["requests", "limits"])
    func `what another container asks for is the pod's request, and nothing is added to it`(kind: String)
        throws
    {
        var pod = Self.pod(#"{"limits": {"cpu": "2", "memory": "512Mi"}}"#)
        pod["spec", "containers"] = Samples.json(
            #"[{"name": "api", "image": "i", "resources": {"\#(kind)": {"memory": "512Mi"}}}]"#)
        let result = try Samples.injected(pod).pod
        #expect(result["spec", "resources", "requests"] == ["cpu": "2"])
        #expect(try Self.sidecarResources(in: pod)["requests"] == ["cpu": "0", "memory": "0"])
    }

    @Test func `a request of the pod's own stays beside it`() throws {
        let pod = Self.pod(#"{"requests": {"cpu": "1"}, "limits": {"cpu": "2", "memory": "512Mi"}}"#)
        let result = try Samples.injected(pod).pod
        #expect(result["spec", "resources", "requests"] == ["cpu": "1", "memory": "512Mi"])
        #expect(result["spec", "resources", "limits"] == pod["spec", "resources", "limits"])
    }
}
