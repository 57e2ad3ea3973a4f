import Admission
import Kubernetes
import Testing

struct InjectorTests {
    @Test func `labels select a pod, and the sidecar is the first init container`() throws {
        let pod = Samples.pod(spec: #"{"initContainers": [{"name": "migrate", "image": "m"}]}"#)
        let (result, injection) = try Samples.injected(pod)
        #expect(result["spec", "initContainers"]?.names == ["weir-gateway", "migrate"])
        #expect(result["spec", "containers"]?.names == ["api"])
        #expect(result["spec", "initContainers"]?.array?[0]["restartPolicy"] == "Always")
        #expect(result["metadata", "annotations", "weir.dev/connections"] == "clinic")
        #expect(
            result["metadata", "annotations", "weir.dev/injection-hash"]?.string == injection.injectionHash)
        #expect(injection.connections == ["clinic"])
        #expect(injection.warnings.isEmpty)
    }

    @Test func `a pod that no connection selects stays as it is, with a warning`() throws {
        let injection = try Samples.injected(Samples.pod(labels: ["app": "other"])).injection
        #expect(injection.patch.isEmpty && injection.refusal == nil)
        #expect(
            injection.warnings == [
                "no DatabaseConnection of namespace clinic selects this pod: it gets no gateway"
            ])
    }

    @Test func `a pod that opts out stays as it is, without a word`() throws {
        let labels = ["app": "clinic-api", "weir.dev/inject": "disabled"]
        #expect(try Samples.injected(Samples.pod(labels: labels)).injection == Injection())
        #expect(Samples.injector.connections(selecting: labels, from: [Samples.clinic]).isEmpty)
    }

    @Test func `without native sidecars it is the first container and says when it is ready`() throws {
        let (result, _) = try Samples.injected(Samples.pod(), native: false)
        #expect(result["spec", "containers"]?.names == ["weir-gateway", "api"])
        #expect(result["spec", "initContainers"] == nil)
        let sidecar = try #require(result["spec", "containers"]?.named("weir-gateway"))
        #expect(
            sidecar["lifecycle", "postStart", "exec", "command"]
                == ["/weir-gateway", "wait", "--timeout", "60s"])
        #expect(sidecar["restartPolicy"] == nil && sidecar["startupProbe"] == nil)
        #expect(sidecar.variables["WEIR_SHUTDOWN_PORT"] == "15421")
        #expect(result["metadata", "annotations", "kubectl.kubernetes.io/default-container"] == "api")
    }

    @Test func `init containers that run before the gateway are warned of`() throws {
        let pod = Samples.pod(spec: #"{"initContainers": [{"name": "migrate", "image": "m"}]}"#)
        let injection = try Samples.injected(pod, native: false).injection
        #expect(injection.warnings == ["init containers run before the gateway and cannot reach it"])
    }

    @Test(arguments: [("Native", false, true), ("Container", true, false), ("Auto", true, true)])
    func `a connection may insist on how the sidecar runs`(mode: String, isAble: Bool, isNative: Bool) throws
    {
        let connection = Samples.connection("clinic", "sidecar: {mode: \(mode)}")
        let (result, _) = try Samples.injected(Samples.pod(), [connection], native: isAble)
        #expect((result["spec", "initContainers"] != nil) == isNative)
    }

    @Test func `an application that need not wait is not held`() throws {
        let connection = Samples.connection("clinic", "sidecar: {holdApplication: false}")
        for native in [true, false] {
            let (result, _) = try Samples.injected(Samples.pod(), [connection], native: native)
            let list = native ? result["spec", "initContainers"] : result["spec", "containers"]
            let sidecar = try #require(list?.named("weir-gateway"))
            #expect(sidecar["startupProbe"] == nil && sidecar["lifecycle"] == nil)
        }
    }

    @Test func `one sidecar serves every connection, by name, but for one whose port is taken`() throws {
        let connections = [
            Samples.connection("reports", port: 15_433), Samples.connection("archive", port: 15_433),
            Samples.clinic,
        ]
        let (result, injection) = try Samples.injected(Samples.pod(), connections)
        #expect(injection.connections == ["archive", "clinic"])
        #expect(
            injection.warnings == [
                "DatabaseConnection reports is not served: its port 15433 is that of archive"
            ])
        let sidecar = try #require(result["spec", "initContainers"]?.named("weir-gateway"))
        #expect(sidecar.variables["WEIR_CONNECTIONS"] == "archive,clinic")
    }

    @Test(arguments: [15_420, 15_421])
    func `the gateway's own ports are nobody's`(port: Int) throws {
        let injection = try Samples.injected(Samples.pod(), [Samples.connection("clinic", port: port)])
            .injection
        #expect(injection.patch.isEmpty)
        #expect(
            injection.warnings == [
                "DatabaseConnection clinic is not served: its port \(port) is the gateway's own"
            ])
    }

    @Test func `a port of the application that the gateway needs is told`() throws {
        let containers = #"[{"name": "api", "image": "i", "ports": [{"containerPort": 15432}]}]"#
        let injection = try Samples.injected(Samples.pod(containers: containers)).injection
        #expect(injection.warnings == ["container api has the port 15432, which the gateway needs"])
    }

    @Test func `a sidecar that came with the pod is replaced whole`() throws {
        let containers = """
            [{"name": "api", "image": "i"},
             {"name": "weir-gateway", "image": "evil", "command": ["sh"], "securityContext": {"privileged": true}}]
            """
        let (result, _) = try Samples.injected(Samples.pod(containers: containers))
        #expect(result["spec", "containers"]?.names == ["api"])
        let sidecar = try #require(result["spec", "initContainers"]?.named("weir-gateway"))
        #expect(sidecar["image"]?.string == Samples.settings.sidecarImage)
        #expect(sidecar["command"] == nil)
        #expect(sidecar["securityContext", "privileged"] == false)
    }

    @Test func `a second admission changes nothing, though others have put containers before`() throws {
        var (pod, _) = try Samples.injected(Samples.pod())
        var list = try #require(pod["spec", "initContainers"]?.array)
        list.insert(["name": "mesh", "image": "m", "restartPolicy": "Always"], at: 0)
        pod["spec", "initContainers"] = .array(list)
        let (again, _) = try Samples.injected(pod)
        #expect(again["spec", "initContainers"]?.names == ["mesh", "weir-gateway"])
        #expect(again["spec", "containers"] == pod["spec", "containers"])
    }

    @Test func `the sidecar meets the restricted standard and has limits`() throws {
        let sidecar = try #require(
            try Samples.injected(Samples.pod()).pod["spec", "initContainers"]?.named("weir-gateway"))
        #expect(
            sidecar["securityContext"]
                == Samples.json(
                    """
                    {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "privileged": false,
                     "readOnlyRootFilesystem": true, "runAsGroup": 15432, "runAsNonRoot": true, "runAsUser": 15432,
                     "seccompProfile": {"type": "RuntimeDefault"}}
                    """))
        #expect(
            sidecar["resources"]
                == Samples.json(
                    """
                    {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}
                    """))
    }

    @Test func `resources are those of the connection, and the pod's where it asks`() throws {
        let connection = Samples.connection(
            "clinic", "sidecar: {resources: {requests: {cpu: 200m}, limits: {memory: 1Gi}}}")
        let annotations = ["weir.dev/sidecar-memory": "2Gi", "weir.dev/sidecar-cpu": "much"]
        let (result, injection) = try Samples.injected(Samples.pod(annotations: annotations), [connection])
        let sidecar = try #require(result["spec", "initContainers"]?.named("weir-gateway"))
        #expect(
            sidecar["resources"]
                == Samples.json(
                    """
                    {"requests": {"cpu": "200m", "memory": "2Gi"}, "limits": {"cpu": "200m", "memory": "2Gi"}}
                    """))
        #expect(
            injection.warnings == [
                "annotation weir.dev/sidecar-cpu is no quantity, such as 100m or 128Mi, and is ignored"
            ])
    }

    @Test(arguments: [("debug", "debug"), ("loud", "info")])
    func `a pod may choose the level of the log`(asked: String, level: String) throws {
        let pod = Samples.pod(annotations: ["weir.dev/log-level": asked])
        let sidecar = try #require(
            try Samples.injected(pod).pod["spec", "initContainers"]?.named("weir-gateway"))
        #expect(sidecar.variables["WEIR_LOG_LEVEL"] == level)
    }
}
