package import Kubernetes

/// Makes pods out of choices, most of them nearly right: any value may be of another type.
package struct PodMaker {
    private var choices: ArraySlice<UInt8>

    package init(choices: [UInt8]) {
        self.choices = choices[...]
    }

    /// Zeros once the choices are used up.
    private mutating func next(_ count: UInt8) -> UInt8 { (choices.popFirst() ?? 0) % count }

    package mutating func pod() -> JSON {
        var pod: JSON = ["apiVersion": "v1", "kind": "Pod", "unknown": odd()]
        pod["metadata"] = perhaps { $0.metadata() }
        pod["spec"] = perhaps { $0.spec() }
        return pod
    }

    /// One in sixteen values is of another kind, and one in sixteen is missing.
    private mutating func perhaps(_ make: (inout Self) -> JSON) -> JSON? {
        switch next(16) {
        case 15: odd()
        case 14: nil
        default: make(&self)
        }
    }

    private mutating func odd() -> JSON {
        switch next(8) {
        case 0: .null
        case 1: true
        case 2: .integer(Int64(next(255)) - 7)
        case 3: .number("1e400")
        case 4: "weir-gateway"
        case 5: []
        case 6: [["name": "weir-secrets"], 7]
        default: ["name": ["a": .null]]
        }
    }

    private mutating func list(_ limit: UInt8, _ make: (inout Self) -> JSON) -> JSON {
        .array((0..<next(limit)).map { _ in perhaps(make) ?? .null })
    }

    private mutating func any(of texts: [String]) -> JSON { .string(texts[Int(next(UInt8(texts.count)))]) }

    private mutating func metadata() -> JSON {
        var metadata: JSON = ["name": "p"]
        metadata["labels"] = next(8) == 7 ? odd() : ["app": "a"]
        if next(4) == 0 { metadata["labels", "weir.dev/inject"] = any(of: ["enabled", "disabled", ""]) }
        metadata["annotations"] = perhaps { maker in
            [
                "weir.dev/sidecar-cpu": maker.any(of: ["1", "x", ""]), "weir.dev/injection-hash": maker.odd(),
                "weir.dev/log-level": maker.any(of: ["debug", "?"]), "other": maker.odd(),
            ]
        }
        return metadata
    }

    private mutating func spec() -> JSON {
        var spec: JSON = ["containers": [["name": "api", "image": "i"]]]
        if next(4) > 0 { spec["containers"] = list(4) { $0.container() } }
        spec["initContainers"] = perhaps { $0.list(3) { $0.container() } }
        spec["volumes"] = perhaps { $0.list(4) { $0.volume() } }
        if next(8) == 0 { spec["hostNetwork"] = odd() }
        if next(8) == 0 { spec["shareProcessNamespace"] = true }
        if next(8) == 0 { spec["securityContext"] = next(2) == 0 ? ["runAsUser": 15_432] : odd() }
        if next(4) == 0 { spec["serviceAccountName"] = odd() }
        if next(2) == 0 { spec["resources"] = perhaps { $0.resources() } }
        return spec
    }

    private mutating func resources() -> JSON {
        var resources: JSON = ["unknown": odd()]
        for kind in ["requests", "limits"] {
            resources[kind] = perhaps { maker in
                var amounts: JSON = [:]
                for name in ["cpu", "memory", "ephemeral-storage"] where maker.next(2) == 0 {
                    amounts[name] = maker.perhaps {
                        $0.any(of: ["500m", "1e3", "128Mi", "2Gi", "0", "-1", "x"])
                    }
                }
                return amounts
            }
        }
        return resources
    }

    private mutating func container() -> JSON {
        var container: JSON = ["name": any(of: ["api", "web", "weir-gateway", "", "api"]), "image": "i"]
        container["env"] = perhaps { $0.list(5) { $0.variable() } }
        container["volumeMounts"] = perhaps { maker in
            maker.list(3) {
                [
                    "name": $0.any(of: ["own", "weir-sockets-0", "weir-sockets-7", "weir-data"]),
                    "mountPath": $0.any(of: ["/weir", "/weir/", "/x"]),
                ]
            }
        }
        container["ports"] = perhaps { _ in [["containerPort": 15_432]] }
        if next(4) == 0 { container["resources"] = perhaps { $0.resources() } }
        if next(4) == 0 { container["imagePullPolicy"] = perhaps { $0.any(of: ["Always", "Never"]) } }
        if next(4) == 0 { container["unknown"] = odd() }
        return container
    }

    private mutating func variable() -> JSON {
        var variable: JSON = ["name": any(of: ["PGHOST", "PGPORT", "DATABASE_URL", "URL", "OTHER"])]
        variable["value"] = perhaps {
            $0.any(of: ["postgres://a:b@c/d?password=e", "x://", "postgres://u@h@i/@", "", "$(A)"])
        }
        if next(4) == 0 { variable["valueFrom"] = ["secretKeyRef": ["name": "one", "key": "k"]] }
        if next(4) == 0 { variable["unknown"] = odd() }
        return variable
    }

    private mutating func volume() -> JSON {
        var volume: JSON = ["name": any(of: ["own", "weir-config", "weir-sockets-0", "weir-sockets-3"])]
        volume["emptyDir"] = perhaps { _ in [:] }
        return volume
    }
}
