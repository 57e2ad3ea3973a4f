import Kubernetes

extension Cluster {
    private static func registered(_ name: String) -> ResourceID {
        ResourceID(group: "admissionregistration.k8s.io", name: name)
    }

    /// Every `ValidatingAdmissionPolicy` that is bound and about the change has its say; the first denial
    /// counts. None has parameters here.
    func judge(_ object: JSON, _ pending: PendingWrite) throws(APIFault) {
        guard pending.type.group != "admissionregistration.k8s.io" else { return }
        for (_, binding) in store.objects(of: Self.registered("validatingadmissionpolicybindings"), in: "") {
            let key = ObjectKey(name: binding["spec", "policyName"]?.string ?? "")
            let policies = Self.registered("validatingadmissionpolicies")
            guard binding["spec", "validationActions"]?.strings.contains("Deny") == true,
                let policy = store[.init(resource: policies, key: key)],
                isMatched(policy["spec", "matchConstraints"] ?? [:], pending),
                isMatched(binding["spec", "matchResources"] ?? [:], pending)
            else { continue }
            do throws(PolicyDenial) {
                try judge(by: policy, object, pending)
            } catch {
                throw Self.fault(error, key.name, binding, pending)
            }
        }
    }

    private func isMatched(_ resources: JSON, _ pending: PendingWrite) -> Bool {
        isMatched(rules: resources["resourceRules"]?.array, selectors: resources, pending)
    }

    private func judge(by policy: JSON, _ object: JSON, _ pending: PendingWrite) throws(PolicyDenial) {
        let ignoresErrors = policy["spec", "failurePolicy"]?.string == "Ignore"
        var evaluation = evaluation(of: pending, object)
        do throws(RuleError) {
            guard try areMet(policy["spec", "matchConditions"], evaluation) else { return }
        } catch {
            if ignoresErrors { return }
            throw PolicyDenial(error.message)
        }
        evaluation.names["variables"] = variables(policy, evaluation)
        for validation in policy["spec", "validations"]?.array ?? [] {
            let text = validation["expression"]?.string ?? ""
            do throws(RuleError) {
                if try evaluation.isTrue(text) { continue }
            } catch {
                if ignoresErrors { continue }
                throw PolicyDenial("expression '\(text)' resulted in error: \(error.message)")
            }
            throw PolicyDenial(
                validation["message"]?.string ?? "failed expression: \(text)",
                reason: validation["reason"]?.string ?? "Invalid")
        }
    }

    /// A variable without a value is an error of the expressions that use it, and of no other.
    private func variables(_ policy: JSON, _ evaluation: RuleEvaluation) -> RuleValue {
        var evaluation = evaluation
        var known: [String: RuleValue] = [:]
        for variable in policy["spec", "variables"]?.array ?? [] {
            evaluation.names["variables"] = .map(known)
            known[variable["name"]?.string ?? ""] = try? evaluation.value(
                of: variable["expression"]?.string ?? "")
        }
        return .map(known)
    }

    private static func fault(
        _ denial: PolicyDenial, _ policy: String, _ binding: JSON, _ pending: PendingWrite
    ) -> APIFault {
        let text =
            "ValidatingAdmissionPolicy '\(policy)' with binding '\(binding["metadata", "name"]?.string ?? "")' "
            + "denied request: \(denial.message)"
        var details = APIFault.about(pending.type, pending.key.name)
        details["causes"] = [["message": .string(text)]]
        return APIFault(
            denial.reason == "Forbidden" ? 403 : 422, denial.reason,
            "\(pending.type.qualifiedName) \"\(pending.key.name)\" is forbidden: \(text)", details: details)
    }
}

/// Why a policy refuses a change.
private struct PolicyDenial: Error {
    var message: String
    var reason: String

    init(_ message: String, reason: String = "Invalid") {
        self.message = message
        self.reason = reason
    }
}

// MARK: - What expressions see

extension Cluster {
    /// Of a webhook or a policy; without any all are met.
    func areMet(_ conditions: JSON?, _ evaluation: RuleEvaluation) throws(RuleError) -> Bool {
        for condition in conditions?.array ?? [] {
            guard try evaluation.isTrue(condition["expression"]?.string ?? "") else { return false }
        }
        return true
    }

    /// The names of expressions about a change: `object`, `oldObject`, `request`, `authorizer`.
    func evaluation(of pending: PendingWrite, _ object: JSON) -> RuleEvaluation {
        var request = pending.review()["request"] ?? [:]
        for name in ["object", "oldObject", "options"] { request[name] = nil }
        let user = pending.call.user
        let authorizer = RuleAuthorizer { question in
            self.mayDo(
                user, question["verb"] ?? "", group: question["group"] ?? "",
                resource: question["resource"] ?? "",
                subresource: question["subresource"], namespace: question["namespace"] ?? "",
                name: question["name"] ?? "")
        }
        return RuleEvaluation(
            names: [
                "object": pending.operation == .delete ? .null : RuleValue(object),
                "oldObject": pending.old.map { RuleValue($0) } ?? .null, "request": RuleValue(request),
                "authorizer": RuleAuthorizer.start,
            ], authorizer: authorizer)
    }
}
