import Admission
package import Kubernetes
import Manifests

/// Puts a gateway into arbitrary pods, and says what must be so whatever they are.
package struct InjectionExercise: Sendable {
    package struct Violation: Error, CustomStringConvertible {
        package var description: String

        init(_ description: String) { self.description = description }
    }

    private static let settings = InstallationSettings(
        namespace: "weir-system", sidecarImage: "gateway@sha256:0123", sink: "http://sink:9440",
        configurationURL: "https://operator:8443", version: "1")

    /// Select pods labelled `app: a`; the last one's socket and variables are for the container `api`.
    private static let manifest = """
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata: {name: one}
        spec:
          protocol: postgres
          upstream: {host: db}
          credentials: {type: SecretRef, secretRef: {name: one}}
          podSelector: {matchLabels: {app: a}}
          listen: {env: {host: PGHOST, port: PGPORT, url: DATABASE_URL}}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: DatabaseConnection
        metadata: {name: two}
        spec:
          protocol: postgres
          upstream: {host: db}
          credentials: {type: Passthrough}
          podSelector: {matchLabels: {app: a}}
          listen: {port: 15433, unixSocketPath: /weir/, env: {url: URL}, containers: [api]}
        """

    /// Variables that those connections govern.
    static let variables: Set = ["PGHOST", "PGPORT", "DATABASE_URL", "URL"]

    private let connections: [BoundConnection]
    private let injector = Injector(Self.settings)

    package init() {
        do {
            let files = [ManifestFile(path: "connections.yaml", bytes: Array(Self.manifest.utf8))]
            connections = try ManifestSet.read(files).connections.map { BoundConnection(connection: $0) }
        } catch {
            fatalError("\(error)")
        }
    }

    private struct Lookup: ConnectionLookup {
        var all: [BoundConnection]

        func connections(in namespace: String) -> [BoundConnection]? { all }
    }

    /// The first byte chooses how; the others are a pod in JSON, or what a pod is made of.
    package func run(_ input: [UInt8]) throws(Violation) {
        guard let choice = input.first else { return }
        let rest = Array(input.dropFirst())
        try checkReview(of: rest)
        let pod: JSON
        do { pod = try JSON(parsing: rest) } catch {
            var maker = PodMaker(choices: rest)
            pod = maker.pod()
        }
        try check(pod, native: choice & 1 == 1)
    }

    package func isInjected(_ pod: JSON) -> Bool {
        let injection = injector.inject(
            pod: pod, namespace: "default", connections: connections, nativeSidecars: true)
        return !injection.connections.isEmpty
    }

    /// Injection changes what is its own, once.
    package func check(_ pod: JSON, native: Bool) throws(Violation) {
        func inject(_ pod: JSON) -> Injection {
            injector.inject(pod: pod, namespace: "default", connections: connections, nativeSidecars: native)
        }
        let first = inject(pod)
        guard first == inject(pod) else { throw Violation("injection is not deterministic") }
        let read: JSON
        do {
            read = try JSON(
                parsing: pod.rendered, keeping: PodReading(variables: Self.variables).projection)
        } catch {
            throw Violation("the pod is not read again: \(error)")
        }
        guard first == inject(read) else { throw Violation("something of the pod should have been read") }
        guard first.refusal == nil || first.patch.isEmpty else { throw Violation("a refused pod is patched") }
        let patched: JSON
        do { patched = try pod.applying(first.patch) } catch {
            throw Violation("the patch does not apply: \(error)")
        }
        let again = inject(patched)
        guard again.patch.isEmpty, again.refusal == first.refusal else {
            throw Violation("a second injection changes \(again.patch.json)")
        }
        guard Remainder(of: pod).json == Remainder(of: patched).json else {
            throw Violation("injection changed what it does not know")
        }
        guard !first.connections.isEmpty else { return }
        try checkSidecar(patched, native: native)
        let changed = PluginRun(over: patched).pod
        let last: JSON
        do { last = try changed.applying(inject(changed).patch) } catch {
            throw Violation("the patch does not apply after plugins: \(error)")
        }
        guard Remainder(of: changed).json == Remainder(of: last).json else {
            throw Violation("injection changed what plugins have put into others")
        }
        try checkSidecar(last, native: native, pullPolicy: "Always")
        guard inject(last).patch.isEmpty else { throw Violation("a third injection changes something") }
    }

    /// Once it has been told to pull always, the sidecar goes on to.
    private func checkSidecar(
        _ pod: JSON, native: Bool, pullPolicy: JSON? = nil
    ) throws(Violation) {
        let (initial, main) = (
            pod["spec", "initContainers"]?.array ?? [], pod["spec", "containers"]?.array ?? []
        )
        let ours = (native ? initial : main).filter { $0["name"] == "weir-gateway" }
        guard ours.count == 1, (native ? main : initial).allSatisfy({ $0["name"] != "weir-gateway" }) else {
            throw Violation("there is not one sidecar")
        }
        let isAsMade =
            ours[0]["image"] == "gateway@sha256:0123" && ours[0]["command"] == nil
            && ours[0]["securityContext", "runAsNonRoot"] == true
            && (pullPolicy == nil || ours[0]["imagePullPolicy"] == pullPolicy)
        guard isAsMade else { throw Violation("the sidecar is not as it was made") }
    }

    /// A review is answered with 200 or 400, whatever it is.
    private func checkReview(of bytes: [UInt8]) throws(Violation) {
        let reviewer = AdmissionReviewer(injector: injector)
        let wrapped =
            Array(
                """
                {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1",\
                "operation":"CREATE","kind":{"group":"","kind":"Pod"},"object":
                """.utf8) + bytes + Array("}}".utf8)
        for body in [bytes, wrapped] {
            let lookup = Lookup(all: connections)
            for reply in [
                reviewer.inject(body, lookup, nativeSidecars: true), reviewer.stamp(body),
                reviewer.validate(body),
            ] {
                guard reply.status == 200 || reply.status == 400 else {
                    throw Violation("a review was answered with \(reply.status)")
                }
            }
        }
    }
}
