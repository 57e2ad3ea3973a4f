import Kubernetes
import Testing

@testable import Operator

struct RolloutPlanTests {
    private func pod(
        _ name: String, of workload: String, in namespace: String = "clinic",
        _ state: RolloutPod.State = .outdated, isReady: Bool = true,
        rule: RolloutPod.Rule? = nil
    ) -> RolloutPod {
        RolloutPod(
            key: ObjectKey(namespace: namespace, name: name), uid: name,
            workload: Workload(namespace: namespace, kind: "ReplicaSet", name: workload, uid: workload),
            state: state, isReady: isReady,
            rules: [rule ?? .init(connection: ObjectKey(namespace: namespace, name: "clinic"))])
    }

    private func next(
        _ plan: inout RolloutPlan, _ pods: [RolloutPod], at seconds: Int, mayRepair: Bool = true
    ) -> RolloutStep? {
        plan.next(among: pods, mayRepair: mayRepair, at: .seconds(seconds), chance: 1)
    }

    @Test func `what is current is left alone`() {
        var plan = RolloutPlan()
        #expect(next(&plan, [pod("a", of: "api", .current)], at: 0) == nil)
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
        let rule = RolloutPod.Rule(
            connection: ObjectKey(namespace: "clinic", name: "clinic"), strategy: .templateRestart)
        let outdated = pod("a", of: "api", rule: rule)
        #expect(next(&plan, [outdated], at: 0) == .restart(outdated.workload, pod: outdated.uid))
        #expect(next(&plan, [outdated], at: 100) == nil)
        plan.refused(outdated.workload, at: .seconds(100))
        #expect(next(&plan, [outdated], at: 150) == nil)
        #expect(next(&plan, [outdated], at: 160) == .restart(outdated.workload, pod: outdated.uid))
    }

    @Test func `a template is restarted again, and changed, when its new pods are outdated as well`() {
        var plan = RolloutPlan()
        let rule = RolloutPod.Rule(
            connection: ObjectKey(namespace: "clinic", name: "clinic"), strategy: .templateRestart)
        let (first, second) = (pod("a", of: "api-1", rule: rule), pod("b", of: "api-2", rule: rule))
        #expect(next(&plan, [first], at: 0) == .restart(first.workload, pod: first.uid))
        #expect(next(&plan, [second], at: 30) == .restart(second.workload, pod: second.uid))
        let marks = [first, second].map {
            RolloutDriver.restartMark($0.workload, pod: $0.uid, image: "gateway:2")
        }
        #expect(marks[0] != marks[1], "or the Deployment would not be changed")
    }

    @Test func `a StatefulSet, which stays itself, is restarted for each generation of its pods`() {
        var plan = RolloutPlan()
        let rule = RolloutPod.Rule(
            connection: ObjectKey(namespace: "clinic", name: "clinic"), strategy: .templateRestart)
        let set = Workload(namespace: "clinic", kind: "StatefulSet", name: "db", uid: "set")
        func pods(_ generation: String) -> [RolloutPod] {
            ["db-0", "db-1"].map { name in
                RolloutPod(
                    key: ObjectKey(namespace: "clinic", name: name), uid: "\(name).\(generation)",
                    workload: set, state: .outdated, isReady: true, rules: [rule])
            }
        }
        #expect(next(&plan, pods("1"), at: 0) == .restart(set, pod: "db-0.1"))
        // The last is being replaced; the other one's restart is under way.
        #expect(next(&plan, [pods("1")[0]], at: 50) == nil)
        #expect(next(&plan, pods("2"), at: 100) == .restart(set, pod: "db-0.2"))
        let marks = ["db-0.1", "db-0.2"].map {
            RolloutDriver.restartMark(set, pod: $0, image: "gateway:2")
        }
        #expect(marks[0] != marks[1])
    }

    @Test func `pods without a gateway are repaired while the webhook works`() {
        var plan = RolloutPlan()
        let missing = pod("a", of: "api", .missing)
        #expect(next(&plan, [missing], at: 0, mayRepair: false) == nil)
        #expect(next(&plan, [missing], at: 1) == .evict(missing))
    }

    @Test func `a repair in vain is not tried on and on`() {
        var plan = RolloutPlan()
        #expect(next(&plan, [pod("a", of: "api", .missing)], at: 0) != nil)
        #expect(next(&plan, [pod("b", of: "api", .missing)], at: 100) == nil)
        #expect(next(&plan, [pod("b", of: "api", .missing)], at: 600) == nil)
        #expect(next(&plan, [pod("b", of: "api", .missing)], at: 701) != nil)
    }
}
