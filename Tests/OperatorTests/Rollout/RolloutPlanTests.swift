import Kubernetes
import Testing

@testable import Operator

struct RolloutPlanTests {
    /// Of a Deployment, by way of the ReplicaSet of one of its templates.
    private func pod(
        _ name: String, of workload: String, in namespace: String = "clinic", template: String = "1",
        _ state: RolloutPod.State = .outdated, isReady: Bool = true,
        rule: RolloutPod.Rule? = nil
    ) -> RolloutPod {
        let set = "\(workload)-\(template)"
        return RolloutPod(
            key: ObjectKey(namespace: namespace, name: name), uid: name,
            controller: Workload(namespace: namespace, kind: "ReplicaSet", name: set, uid: set),
            labels: ["pod-template-hash": template], state: state, isReady: isReady,
            rules: [rule ?? .init(connection: ObjectKey(namespace: namespace, name: "clinic"))])
    }

    private func restarting(_ namespace: String = "clinic") -> RolloutPod.Rule {
        .init(connection: ObjectKey(namespace: namespace, name: "clinic"), strategy: .templateRestart)
    }

    private func next(
        _ plan: inout RolloutPlan, _ pods: [RolloutPod], at seconds: Int, mayRenew: Bool = true
    ) -> RolloutStep? {
        plan.next(among: pods, mayRenew: mayRenew, at: .seconds(seconds), chance: 1)
    }

    @Test(arguments: [RolloutPod.State.current, .kept])
    func `what is current is left alone, and what would be no better`(state: RolloutPod.State) {
        var plan = RolloutPlan()
        #expect(next(&plan, [pod("a", of: "api", state)], at: 0) == nil)
    }

    @Test func `a new image is given to the pod as it lives, anything else takes another pod`() {
        var plan = RolloutPlan()
        let image = pod("a", of: "api", .otherImage)
        #expect(next(&plan, [image], at: 0) == .patchImage(image))
        let outdated = pod("b", of: "web", in: "shop")
        #expect(next(&plan, [outdated], at: 8) == .evict(outdated))
    }

    @Test func `steps keep their distance`() {
        var plan = RolloutPlan()
        let pods = (0..<3).map { pod("p\($0)", of: "w", in: "n\($0)") }
        #expect(next(&plan, pods, at: 0) != nil)
        #expect(next(&plan, pods, at: 7) == nil)
        #expect(next(&plan, pods, at: 8) != nil)
    }

    @Test func `workloads of several namespaces are in work at a time, and one of a namespace`() {
        var plan = RolloutPlan()
        var pods = (0..<8).map { pod("p\($0)", of: "w\($0)", in: "n\($0)") }
        // Within the time that a step takes to show.
        let steps = stride(from: 0, to: 20, by: 1).compactMap { next(&plan, pods, at: $0) }
        #expect(steps.count == 3)
        pods = [pod("a", of: "one"), pod("b", of: "two")]
        plan = RolloutPlan()
        #expect(next(&plan, pods, at: 0) != nil)
        #expect(next(&plan, pods, at: 10) == nil)
        pods[0] = pod("c", of: "one", .current)
        #expect(next(&plan, pods, at: 30) != nil)
    }

    @Test func `no more pods of a connection are away than it allows`() {
        var plan = RolloutPlan()
        let away = pod("a", of: "other", .current, isReady: false)
        #expect(next(&plan, [away, pod("b", of: "api")], at: 0) == nil)
        let rule = RolloutPod.Rule(
            connection: ObjectKey(namespace: "clinic", name: "clinic"), maxUnavailable: 2)
        let allowed = pod("b", of: "api", rule: rule)
        #expect(next(&plan, [away, allowed], at: 0) == .evict(allowed))
    }

    @Test func `one that serves nobody is first, and its being away does not hold it up`() {
        var plan = RolloutPlan()
        let broken = pod("z", of: "api", isReady: false)
        #expect(next(&plan, [pod("a", of: "api"), broken], at: 0) == .evict(broken))
    }

    @Test(arguments: [RolloutPod.State.otherImage, .outdated, .missing])
    func `pods that serve nobody do not hold each other up`(state: RolloutPod.State) {
        var plan = RolloutPlan()
        let broken = ["a", "b", "c"].map { pod($0, of: "api", state, isReady: false) }
        let step: RolloutStep = state == .otherImage ? .patchImage(broken[0]) : .evict(broken[0])
        #expect(next(&plan, broken, at: 0) == step)
        let mended = pod("d", of: "api", .current, isReady: false)
        #expect(next(&plan, [mended, broken[1], broken[2]], at: 100) == nil, "before the first is ready")
        let serving = pod("d", of: "api", .current)
        #expect(next(&plan, [serving, broken[1], broken[2]], at: 200) != nil)
    }

    @Test func `a pod that serves nobody is left while another is gone`() {
        var plan = RolloutPlan()
        let broken = pod("a", of: "api", isReady: false)
        let others = [pod("b", of: "api", .current), pod("c", of: "web", isReady: false)]
        #expect(next(&plan, [broken] + others, at: 0) == .evict(broken))
        #expect(next(&plan, others, at: 1000) == nil)
    }

    @Test func `two renewed pods that are not ready stop everything`() {
        var plan = RolloutPlan()
        let rule = RolloutPod.Rule(
            connection: ObjectKey(namespace: "clinic", name: "clinic"), maxUnavailable: 9)
        #expect(next(&plan, [pod("a", of: "api", rule: rule)], at: 0) != nil)
        let renewed = ["b", "c"].map { pod($0, of: "api", .current, isReady: false, rule: rule) }
        let waiting = pod("d", of: "web", in: "shop")
        #expect(next(&plan, renewed + [waiting], at: 60) == nil)
        #expect(plan.isHalted)
        #expect(next(&plan, [renewed[0], waiting], at: 61) == .evict(waiting))
        #expect(!plan.isHalted)
    }

    @Test func `what becomes of renewed pods once they were ready stops nothing`() {
        var plan = RolloutPlan()
        let old = ["n0", "n1"].map { pod("a", of: "api", in: $0) }
        let new = ["n0", "n1"].map { pod("b", of: "api", in: $0, .current) }
        #expect(next(&plan, old, at: 0) == .evict(old[0]))
        #expect(next(&plan, [new[0], old[1]], at: 10) == .evict(old[1]))
        #expect(next(&plan, new, at: 40) == nil)
        let broken = ["n0", "n1"].map { pod("b", of: "api", in: $0, .current, isReady: false) }
        let waiting = pod("c", of: "web", in: "shop")
        #expect(next(&plan, broken + [waiting], at: 1000) == .evict(waiting))
        #expect(!plan.isHalted)
    }

    @Test func `a gateway with a new image counts as ready no sooner than kubelet can have stopped it`() {
        var plan = RolloutPlan()
        let old = ["n0", "n1"].map { pod("a", of: "api", in: $0, .otherImage) }
        let patched = ["n0", "n1"].map { pod("a", of: "api", in: $0, .current) }
        #expect(next(&plan, old, at: 0) == .patchImage(old[0]))
        #expect(next(&plan, [patched[0], old[1]], at: 8) == .patchImage(old[1]))
        #expect(next(&plan, patched, at: 10) == nil)
        let broken = ["n0", "n1"].map { pod("a", of: "api", in: $0, .current, isReady: false) }
        #expect(next(&plan, broken + [pod("c", of: "web", in: "shop")], at: 16) == nil)
        #expect(plan.isHalted)
    }

    @Test func `who asks for a pause or does it by hand is heard`() {
        let key = ObjectKey(namespace: "clinic", name: "clinic")
        for rule in [
            RolloutPod.Rule(connection: key, isPaused: true), .init(connection: key, strategy: .onDelete),
        ] {
            var plan = RolloutPlan()
            #expect(next(&plan, [pod("a", of: "api", rule: rule)], at: 0) == nil)
        }
    }

    @Test func `a template is restarted once`() {
        var plan = RolloutPlan()
        let outdated = pod("a", of: "api", rule: restarting())
        #expect(next(&plan, [outdated], at: 0) == .restart(outdated))
        #expect(next(&plan, [outdated], at: 100) == nil)
        #expect(next(&plan, [outdated], at: 1000) == nil)
        plan = RolloutPlan()
        #expect(next(&plan, [outdated], at: 0) == .restart(outdated))
        plan.refused(outdated.workload, at: .seconds(100))
        #expect(next(&plan, [outdated], at: 150) == nil)
        #expect(next(&plan, [outdated], at: 160) == .restart(outdated))
    }

    @Test func `a template is restarted again, and changed, when its new pods are outdated as well`() {
        var plan = RolloutPlan()
        let first = pod("a", of: "api", template: "1", rule: restarting())
        let second = pod("b", of: "api", template: "2", rule: restarting())
        #expect(next(&plan, [first], at: 0) == .restart(first))
        // The first one's restart is under way.
        #expect(next(&plan, [first, second], at: 30) == nil)
        #expect(next(&plan, [second], at: 60) == .restart(second))
        let marks = [first, second].map { RolloutDriver.restartMark(for: $0, image: "gateway:2") }
        #expect(marks[0] != marks[1], "or the Deployment would not be changed")
    }

    @Test func `a restart that does not end is followed by one of the pods it has made`() {
        var plan = RolloutPlan()
        let old = pod("a", of: "api", template: "1", rule: restarting())
        let new = pod("b", of: "api", template: "2", rule: restarting())
        #expect(next(&plan, [old], at: 0) == .restart(old))
        #expect(next(&plan, [old, new], at: 599) == nil)
        #expect(next(&plan, [old, new], at: 600) == .restart(new))
        #expect(next(&plan, [old, new], at: 1200) == nil, "or the two would take turns")
    }

    @Test func `a Deployment that is being restarted is the only workload in work of its namespace`() {
        var plan = RolloutPlan()
        let old = pod("a", of: "api", rule: restarting())
        let new = pod("b", of: "api", template: "2", .current)
        let other = pod("c", of: "web")
        #expect(next(&plan, [old, other], at: 0) == .restart(old))
        #expect(next(&plan, [old, new, other], at: 30) == nil)
        #expect(next(&plan, [new, other], at: 60) == .evict(other))
    }

    @Test func `Deployments whose restarted pods do not become ready stop everything after two`() {
        var plan = RolloutPlan()
        let namespaces = (0..<5).map { "n\($0)" }
        var pods = namespaces.map { pod("a", of: "api", in: $0, rule: restarting($0)) }
        var restarts = 0
        for seconds in 0..<60 {
            guard case .restart(let old)? = next(&plan, pods, at: seconds) else { continue }
            restarts += 1
            let namespace = old.key.namespace
            pods.append(
                pod(
                    "b", of: "api", in: namespace, template: "2", .current, isReady: false,
                    rule: restarting(namespace)))
        }
        #expect(restarts == 2)
        #expect(plan.isHalted)
    }

    @Test func `a restart that brings no gateways is not tried on and on`() {
        var plan = RolloutPlan()
        var generation = 0
        var restarts: [Int] = []
        for seconds in stride(from: 0, to: 700, by: 2) {
            let pods = ["a", "b"].map {
                pod(
                    "\($0)\(generation)", of: "api", template: "\(generation)", .missing, rule: restarting())
            }
            guard next(&plan, pods, at: seconds) != nil else { continue }
            restarts.append(seconds)
            generation += 1
        }
        #expect(restarts == [0, 602])
    }

    @Test func `a StatefulSet, which stays itself, is restarted for each generation of its pods`() {
        var plan = RolloutPlan()
        let set = Workload(namespace: "clinic", kind: "StatefulSet", name: "db", uid: "set")
        func pods(_ generation: String) -> [RolloutPod] {
            ["db-0", "db-1"].map { name in
                RolloutPod(
                    key: ObjectKey(namespace: "clinic", name: name), uid: "\(name).\(generation)",
                    controller: set, labels: [:], state: .outdated, isReady: true, rules: [restarting()])
            }
        }
        #expect(next(&plan, pods("1"), at: 0) == .restart(pods("1")[0]))
        // The last is being replaced; the other one's restart is under way.
        #expect(next(&plan, [pods("1")[0]], at: 50) == nil)
        #expect(next(&plan, pods("2"), at: 100) == .restart(pods("2")[0]))
        let marks = ["1", "2"].map { RolloutDriver.restartMark(for: pods($0)[0], image: "gateway:2") }
        #expect(marks[0] != marks[1])
    }

    @Test(arguments: [RolloutPod.State.missing, .outdated], [nil, RolloutPod.Strategy.templateRestart])
    func `pods are made anew while the webhook works`(
        state: RolloutPod.State, strategy: RolloutPod.Strategy?
    ) {
        var plan = RolloutPlan()
        let due = pod("a", of: "api", state, rule: strategy.map { _ in restarting() })
        #expect(next(&plan, [due], at: 0, mayRenew: false) == nil)
        let step: RolloutStep = strategy == nil ? .evict(due) : .restart(due)
        #expect(next(&plan, [due], at: 1) == step)
    }

    @Test func `a new image needs no webhook`() {
        var plan = RolloutPlan()
        let image = pod("a", of: "api", .otherImage)
        #expect(next(&plan, [image], at: 0, mayRenew: false) == .patchImage(image))
    }

    // MARK: - Replacements that do not come

    @Test(arguments: ["ReplicaSet", "StatefulSet"])
    func `no other pod of a workload is evicted before one has come for the last`(kind: String) {
        var plan = RolloutPlan()
        var pods = ["a", "b", "c"].map { pod($0, of: "api") }
        for index in pods.indices { pods[index].workload.kind = kind }
        #expect(next(&plan, pods, at: 0) == .evict(pods[0]))
        for seconds in stride(from: 2, to: 10_000, by: 2) {
            #expect(next(&plan, Array(pods[1...]), at: seconds) == nil)
        }
        let key = ObjectKey(namespace: "clinic", name: "a")
        #expect(plan.unreplaced(at: .seconds(599)).isEmpty)
        #expect(plan.unreplaced(at: .seconds(600)) == [key])
        pods[0] = pod("d", of: "api", .current)
        pods[0].workload = pods[1].workload
        #expect(next(&plan, pods, at: 10_000) == .evict(pods[1]))
        #expect(plan.unreplaced(at: .seconds(10_000)).isEmpty)
    }

    /// As the driver does: the plan asks, and is answered before it goes on.
    private func next(
        _ plan: inout RolloutPlan, _ pods: [RolloutPod], wanting count: Int, at seconds: Int
    ) -> RolloutStep? {
        let questions = plan.questions(at: .seconds(seconds))
        plan.answered(Dictionary(uniqueKeysWithValues: questions.map { ($0, count) }), among: pods)
        return next(&plan, pods, at: seconds)
    }

    @Test(arguments: ["Deployment", "StatefulSet"])
    func `a workload that is scaled down while a pod is away goes on`(kind: String) {
        var plan = RolloutPlan()
        var pods = ["a", "b", "c"].map { pod($0, of: "api") }
        for index in pods.indices { pods[index].workload.kind = kind }
        #expect(next(&plan, pods, wanting: 3, at: 0) == .evict(pods[0]))
        let rest = Array(pods[1...])
        #expect(next(&plan, rest, wanting: 3, at: 30) == nil)
        #expect(next(&plan, rest, wanting: 2, at: 58) == nil, "before the next question")
        #expect(next(&plan, rest, wanting: 2, at: 60) == .evict(pods[1]))
        // Of the two that are wanted one is missing.
        for seconds in stride(from: 62, to: 10_000, by: 2) {
            #expect(next(&plan, [pods[2]], wanting: 2, at: seconds) == nil)
        }
    }

    @Test(arguments: 0...5)
    func `no more than one pod is missing when none comes back, however many are wanted`(wanted: Int) {
        var plan = RolloutPlan()
        var pods = (0..<5).map { pod("p\($0)", of: "api") }
        for seconds in stride(from: 0, to: 10_000, by: 2) {
            guard case .evict(let pod)? = next(&plan, pods, wanting: wanted, at: seconds) else { continue }
            pods.removeAll { $0.uid == pod.uid }
        }
        #expect(pods.count == max(wanted - 1, 0))
    }

    @Test func `it is asked how many pods are wanted once in a while, and only while one is waited for`() {
        var plan = RolloutPlan()
        let pods = [pod("a", of: "api"), pod("b", of: "api", .current)]
        #expect(plan.questions(at: .seconds(0)).isEmpty)
        #expect(next(&plan, pods, at: 100) == .evict(pods[0]))
        let asked = stride(from: 100, to: 200, by: 2).filter { seconds in
            _ = next(&plan, [pods[1]], at: seconds)
            return plan.questions(at: .seconds(seconds)) == [pods[1].workload]
        }
        #expect(asked == [130, 160, 190])
        _ = next(&plan, [pods[1], pod("c", of: "api", .current)], at: 198)
        #expect(plan.questions(at: .seconds(300)).isEmpty)
    }

    @Test func `a pod that is ending, or not gone yet, is none that is there`() {
        var plan = RolloutPlan()
        let pods = ["a", "b", "c"].map { pod($0, of: "db") }
        #expect(next(&plan, pods, at: 0) == .evict(pods[0]))
        let ending = ["a", "b"].map { pod($0, of: "db", .ending) }
        #expect(next(&plan, [ending[0], pods[1], pods[2]], wanting: 2, at: 30) == nil)
        #expect(next(&plan, [ending[1], pods[2]], wanting: 2, at: 60) == nil)
        #expect(next(&plan, [pods[1], pods[2]], wanting: 2, at: 90) == .evict(pods[1]))
    }

    @Test func `a restart of which nothing is gone yet is waited for whatever is wanted`() {
        var plan = RolloutPlan()
        let pods = ["a", "b"].map { pod($0, of: "api", rule: restarting()) }
        #expect(next(&plan, pods, at: 0) == .restart(pods[0]))
        #expect(next(&plan, pods, wanting: 1, at: 30) == nil)
        #expect(plan.unreplaced(at: .seconds(600)) == [pods[0].key])
    }

    @Test func `what is not replaced counts for the connections, and holds up those of no other namespace`() {
        var plan = RolloutPlan()
        let (first, neighbour) = (pod("a", of: "api"), pod("b", of: "web"))
        #expect(next(&plan, [first, neighbour], at: 0) == .evict(first))
        #expect(next(&plan, [neighbour], at: 100) == nil)
        #expect(next(&plan, [neighbour], at: 590) == nil)
        let elsewhere = pod("c", of: "web", in: "shop")
        #expect(next(&plan, [neighbour, elsewhere], at: 595) == .evict(elsewhere))
        // Of a workload without any pods there is nothing more to lose.
        #expect(next(&plan, [neighbour], at: 650) == .evict(neighbour))
    }

    @Test func `an eviction that was refused takes nothing away`() {
        var plan = RolloutPlan()
        let pods = [pod("a", of: "api"), pod("b", of: "web")]
        #expect(next(&plan, pods, at: 0) == .evict(pods[0]))
        plan.refused(pods[0].workload, at: .seconds(0))
        #expect(next(&plan, pods, at: 30) == .evict(pods[1]))
    }

    @Test func `a restart that brings no pods is not followed by another one`() {
        var plan = RolloutPlan()
        let pods = ["a", "b"].map { pod($0, of: "api", rule: restarting()) }
        let neighbour = pod("c", of: "web", rule: restarting())
        #expect(next(&plan, pods + [neighbour], at: 0) == .restart(pods[0]))
        #expect(next(&plan, [pods[0], neighbour], at: 1000) == nil)
    }

    @Test func `a pod that takes its time to end is away`() {
        var plan = RolloutPlan()
        let rest = pod("b", of: "db")
        #expect(next(&plan, [pod("a", of: "db", .ending), rest], at: 0) == nil)
        let elsewhere = pod("c", of: "web")
        #expect(next(&plan, [pod("a", of: "db", .ending), rest, elsewhere], at: 10) == nil)
        #expect(next(&plan, [pod("d", of: "db", .current), rest, elsewhere], at: 20) == .evict(rest))
    }

    @Test func `one pod that has a gateway from before does not make a repair worth trying on and on`() {
        var plan = RolloutPlan()
        let governed = pod("z", of: "api", .current)
        #expect(next(&plan, [pod("a", of: "api", .missing), governed], at: 0) != nil)
        #expect(next(&plan, [pod("b", of: "api", .missing), governed], at: 100) == nil)
    }

    @Test func `a repair that brings gateways goes on`() {
        var plan = RolloutPlan()
        let (first, second) = (pod("a", of: "api", .missing), pod("b", of: "api", .missing))
        #expect(next(&plan, [first, second], at: 0) == .evict(first))
        #expect(next(&plan, [pod("c", of: "api", .current), second], at: 30) == .evict(second))
    }

    @Test func `that a repair was in vain is known after a time without pods, too`() {
        var plan = RolloutPlan()
        #expect(next(&plan, [pod("a", of: "api", .missing)], at: 0) != nil)
        #expect(next(&plan, [], at: 2) == nil)
        #expect(next(&plan, [pod("b", of: "api", .missing)], at: 60) == nil)
    }

    @Test func `a ReplicaSet of no Deployment is a workload itself`() {
        let set = Workload(namespace: "clinic", kind: "ReplicaSet", name: "api-1", uid: "1")
        #expect(Workload(of: set, labels: [:]) == set)
        #expect(Workload(of: set, labels: ["pod-template-hash": "2"]) == set)
        #expect(Workload(of: set, labels: ["pod-template-hash": "1"]).name == "api")
    }

    @Test func `a repair in vain is not tried on and on`() {
        var plan = RolloutPlan()
        #expect(next(&plan, [pod("a", of: "api", .missing)], at: 0) != nil)
        #expect(next(&plan, [pod("b", of: "api", .missing)], at: 100) == nil)
        #expect(next(&plan, [pod("b", of: "api", .missing)], at: 600) == nil)
        #expect(next(&plan, [pod("b", of: "api", .missing)], at: 701) != nil)
    }
}
