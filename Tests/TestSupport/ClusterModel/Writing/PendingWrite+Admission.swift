package import Kubernetes

extension PendingWrite {
    /// `AdmissionReview` of a change, as it is by now.
    package func review(uid: String = "") -> JSON {
        let kind: JSON = [
            "group": .string(type.group), "version": .string(type.version), "kind": .string(type.kind),
        ]
        let resource: JSON = [
            "group": .string(type.group), "version": .string(type.version), "resource": .string(type.name),
        ]
        var request: JSON = [
            "uid": .string(uid), "kind": kind, "resource": resource, "requestKind": kind,
            "requestResource": resource, "operation": .string(operation.rawValue),
            "userInfo": call.user.json,
            "object": operation == .delete ? .null : object, "oldObject": old ?? .null,
            "dryRun": .bool(isDryRun), "options": .null,
        ]
        if !name.isEmpty { request["name"] = .string(name) }
        if !key.namespace.isEmpty { request["namespace"] = .string(key.namespace) }
        if let subresource {
            request["subResource"] = .string(subresource)
            request["requestSubResource"] = .string(subresource)
        }
        return ["apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request]
    }

    /// Why the webhook may not be asked at all.
    package func refusal(of webhook: Webhook) -> APIFault? {
        guard isDryRun, webhook.hasSideEffects else { return nil }
        return .badRequest(
            "admission webhook \"\(webhook.name)\" does not support dry run as it has side effects")
    }

    /// Takes what a webhook answered, or `nil` with the reason for none.
    package mutating func take(
        _ answer: JSON?, of webhook: Webhook, uid: String, failure: String
    ) throws(APIFault) {
        let response = answer?["response"]
        guard let response, response["uid"]?.string == uid, answer?["kind"]?.string == "AdmissionReview"
        else {
            if webhook.ignoresFailure { return }
            throw APIFault(
                500, "InternalError",
                "Internal error occurred: failed calling webhook \"\(webhook.name)\": \(failure)",
                details: [
                    "causes": [["message": .string("failed calling webhook \"\(webhook.name)\": \(failure)")]]
                ])
        }
        warnings += response["warnings"]?.strings ?? []
        guard response["allowed"]?.bool == true else {
            let status = response["status"]
            let message = status?["message"]?.string
            throw APIFault(
                Int(status?["code"]?.integer ?? 403), status?["reason"]?.string ?? "Forbidden",
                "admission webhook \"\(webhook.name)\" denied the request"
                    + (message.map { ": \($0)" } ?? " without explanation"))
        }
        guard webhook.isMutating, operation != .delete, let encoded = response["patch"]?.string else {
            return
        }
        try apply(encoded, of: webhook)
    }

    private mutating func apply(_ encoded: String, of webhook: Webhook) throws(APIFault) {
        let broken = APIFault(
            500, "InternalError",
            "Internal error occurred: admission webhook \"\(webhook.name)\" sent no usable patch")
        guard let bytes = Base64Text.decode(encoded), let json = try? JSON(parsing: bytes),
            let patch = try? JSONPatch(json), let patched = try? object.applying(patch)
        else { throw broken }
        var next = patched
        for name in [
            "name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields",
        ] {
            next["metadata", name] = object["metadata", name]
        }
        if let schema = type.schema.map(Schema.init) {
            var unknown: [String] = []
            next = schema.defaulted(schema.pruned(next, isRoot: true, unknown: &unknown))
        }
        object = next
    }

    /// The webhooks that ask to see the object again because later ones have changed it.
    package func reinvoked(since earlier: [(webhook: Webhook, seen: JSON)]) -> [Webhook] {
        earlier.filter { $0.webhook.isMutating && $0.webhook.isReinvoked && $0.seen != object }.map(\.webhook)
    }

    /// What a webhook would see.
    package var current: JSON { object }
}
