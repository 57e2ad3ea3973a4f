import Admission
import Kubernetes
import Testing

/// Pods in which a sidecar would keep nothing, and those that cannot have one.
struct HazardTests {
    @Test(arguments: [
        (
            #"{"hostNetwork": true}"#,
            "it is on the node's network, where every pod of the node could reach the gateway"
        ),
        (#"{"os": {"name": "windows"}}"#, "there is no gateway for Windows"),
    ])
    func `a pod that cannot have a gateway is let in without`(spec: String, reason: String) throws {
        let injection = try Samples.injected(Samples.pod(spec: spec)).injection
        #expect(injection == Injection(warnings: ["this pod gets no gateway: \(reason)"]))
    }

    @Test(arguments: [
        (
            #"{"shareProcessNamespace": true, "securityContext": {"runAsUser": 15432}}"#, "{}",
            "runs as the same user"
        ),
        (#"{"shareProcessNamespace": true}"#, #"{"runAsUser": 15432}"#, "runs as the same user"),
        (#"{"hostPID": true}"#, #"{"privileged": true}"#, "is privileged"),
        (
            #"{"shareProcessNamespace": true}"#, #"{"capabilities": {"add": ["CAP_SYS_PTRACE"]}}"#,
            "has the capability SYS_PTRACE"
        ),
    ])
    func `who could read the gateway's memory is refused`(spec: String, context: String, reason: String)
        throws
    {
        let pod = Samples.pod(
            containers: #"[{"name": "api", "image": "i", "securityContext": \#(context)}]"#, spec: spec)
        let injection = try Samples.injected(pod).injection
        #expect(injection.patch.isEmpty)
        #expect(
            injection.refusal?.description
                == "container api sees the gateway's process and \(reason), so it could read its memory")
    }

    @Test(arguments: [
        #"{"shareProcessNamespace": true, "securityContext": {"runAsUser": 1000}}"#,
        #"{"securityContext": {"runAsUser": 15432}}"#,
    ])
    func `other users may share processes, and the same user may not`(spec: String) throws {
        #expect(try Samples.injected(Samples.pod(spec: spec)).injection.refusal == nil)
    }

    @Test func `a pod of more containers than the API server could store is refused`() {
        let connection = Samples.connection(
            "clinic", "listen: {env: {host: PGHOST, port: PGPORT, url: DATABASE_URL}}")
        func injection(containers count: Int) -> Injection {
            var pod = Samples.pod()
            pod["spec", "containers"] = .array(
                Array(repeating: ["name": "api", "image": "i"], count: count))
            return Samples.injector.inject(
                pod: pod, namespace: "clinic", connections: [connection], nativeSidecars: true)
        }
        #expect(injection(containers: 8192).refusal == nil)
        #expect(
            injection(containers: 8193).refusal?.description
                == "its 8193 containers are too many for 1 connections")
    }

    @Test(arguments: ["weir-secrets", "weir-token", "weir-data", "weir-config"])
    func `the sidecar's volumes are mounted by nobody else`(volume: String) throws {
        let pod = Samples.pod(
            containers: #"[{"name": "api", "volumeMounts": [{"name": "\#(volume)", "mountPath": "/x"}]}]"#)
        #expect(
            try Samples.injected(pod).injection.refusal?.description
                == "container api mounts \(volume), which is for the gateway only")
    }

    @Test(arguments: [
        (#"[]"#, "the object"), (#"{}"#, "metadata"), (#"{"metadata": 1}"#, "metadata"),
        (#"{"spec": []}"#, "spec"), (#"{"spec": {"containers": {}}}"#, "spec.containers"),
        (#"{"spec": {"containers": []}}"#, "spec.containers"),
        (#"{"spec": {"containers": ["x"]}}"#, "an item of spec.containers"),
        (#"{"spec": {"containers": [{}], "initContainers": 7}}"#, "spec.initContainers"),
        (#"{"spec": {"containers": [{}], "volumes": "x"}}"#, "spec.volumes"),
        (#"{"spec": {"containers": [{"name": "a", "env": true}]}}"#, "env of container a"),
        (#"{"spec": {"containers": [{"name": "a", "volumeMounts": 0}]}}"#, "volumeMounts of container a"),
    ])
    func `what is no pod is refused with the place`(text: String, place: String) throws {
        var pod = Samples.json(text)
        if pod["spec"] != nil { pod["metadata"] = ["labels": ["app": "clinic-api"]] }
        let injection = try Samples.injected(pod).injection
        #expect(injection.patch.isEmpty)
        #expect(injection.refusal?.description == "\(place) is not what it is in a pod")
    }
}
