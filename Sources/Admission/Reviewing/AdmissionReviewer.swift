import API
import Kubernetes

/// Answers reviews: bytes in, bytes out, and nothing else happens, so a dry run is as any other.
package struct AdmissionReviewer: Sendable {
    package var injector: Injector
    private let habit = PodReading.Habit()

    package init(injector: Injector) {
        self.injector = injector
    }

    /// Of a pod about to be created.
    ///
    /// - Parameters:
    ///   - body: any bytes.
    ///   - lookup: where the connections are; while it knows none yet, no pod is let in.
    ///   - nativeSidecars: whether every node of the cluster restarts init containers; while it is not known, no pod that
    ///     a connection selects is let in.
    /// - Returns: 200 with an answer for every review, 400 for what is none.
    package func inject(
        _ body: [UInt8], _ lookup: some ConnectionLookup, nativeSidecars: Bool?
    ) -> AdmissionReply {
        do {
            let reading = habit.current
            var request = try AdmissionRequest(body, keeping: reading.projection)
            guard request.operation == .create, request.group.isEmpty, request.kind == "Pod",
                request.subresource.isEmpty
            else { return .allowed(request) }
            guard let connections = lookup.connections(in: request.namespace) else {
                return .denied(
                    request, .unavailable("the operator has not yet read all connections; try again"))
            }
            let labels = request.object["metadata", "labels"]?.stringMap ?? [:]
            let unreadable =
                OptIn.isRefused(by: labels)
                ? [] : lookup.unreadable(selecting: labels, in: request.namespace)
            guard unreadable.isEmpty else {
                let names = unreadable.joined(separator: ", ")
                return .denied(
                    request,
                    .unavailable(
                        "DatabaseConnection \(names) cannot be read, and a pod that it may select would go "
                            + "round it; its status says why"))
            }
            let selecting = injector.connections(selecting: labels, from: connections)
            if nativeSidecars == nil, !selecting.isEmpty {
                return .denied(
                    request, .unavailable("the operator does not know the nodes' versions yet; try again"))
            }
            if let more = habit.reading(for: selecting, after: reading) {
                request = try AdmissionRequest(body, keeping: more.projection)
            }
            return inject(request, selecting, nativeSidecars ?? false)
        } catch {
            return .malformed("\(error)")
        }
    }

    private func inject(
        _ request: AdmissionRequest, _ connections: [BoundConnection], _ nativeSidecars: Bool
    ) -> AdmissionReply {
        let injection = injector.inject(
            pod: request.object, namespace: request.namespace, connections: connections,
            nativeSidecars: nativeSidecars)
        if let refusal = injection.refusal {
            return .denied(request, .forbidden("\(refusal)"), warnings: injection.warnings)
        }
        var annotations: [String: String] = [:]
        if !injection.connections.isEmpty {
            annotations["connections"] = injection.connections.joined(separator: ",")
        }
        return .allowed(
            request, patch: injection.patch, warnings: injection.warnings, annotations: annotations)
    }

    /// Of a connection, policy or rule about to be written, before it is judged: it comes to bear its editor.
    package func stamp(_ body: [UInt8]) -> AdmissionReply {
        let request: AdmissionRequest
        do {
            request = try AdmissionRequest(body)
        } catch {
            return .malformed("\(error)")
        }
        do {
            guard let stamp = try EditorStamp(request) else { return .allowed(request) }
            return .allowed(request, patch: JSONPatch(from: request.object, to: stamp.object))
        } catch {
            return .denied(request, .forbidden("nobody is known to have written this"))
        }
    }

    /// Of a connection, policy or rule about to be deleted.
    ///
    /// - Returns: that it may be, and who asks for what; `nil` where nothing is to be recorded of it.
    package func remove(_ body: [UInt8]) -> (reply: AdmissionReply, removal: Removal?) {
        do {
            let request = try AdmissionRequest(body)
            return (.allowed(request), Removal(request))
        } catch {
            return (.malformed("\(error)"), nil)
        }
    }

    /// Of a connection, policy or rule about to be written.
    package func validate(_ body: [UInt8]) -> AdmissionReply {
        let request: AdmissionRequest
        do {
            request = try AdmissionRequest(body)
        } catch {
            return .malformed("\(error)")
        }
        let platform = injector.settings.namespace
        guard let validation = ResourceValidation(request, platformNamespace: platform) else {
            return .allowed(request)
        }
        guard validation.faults.isEmpty else {
            return .denied(request, .invalid(validation.faults.joined(separator: "; ")))
        }
        return .allowed(request, warnings: validation.warnings)
    }
}
