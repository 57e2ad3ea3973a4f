import Kubernetes

/// Bodies of type `application/vnd.kubernetes.protobuf`, which typed clients send for kinds of Kubernetes' own: those
/// that kubectl and Helm make so. Answers are always JSON.
enum ProtobufBody {
    static let contentType = "application/vnd.kubernetes.protobuf"

    /// Four bytes before the message `Unknown`, which has `TypeMeta` in field 1 and the object in field 2.
    private static let magic = Array("k8s\0".utf8)

    private indirect enum Kind: Sendable {
        case text
        case bytes
        case number
        case flag
        case time
        case message([Int: (String, Kind)])
        case list(Kind)
        /// Of strings, or of bytes in base64.
        case map(Kind)
    }

    private static let owner: Kind = .message([
        1: ("kind", .text), 3: ("name", .text), 4: ("uid", .text), 5: ("apiVersion", .text),
        6: ("controller", .flag),
        7: ("blockOwnerDeletion", .flag),
    ])
    private static let metadata: Kind = .message([
        1: ("name", .text), 2: ("generateName", .text), 3: ("namespace", .text), 5: ("uid", .text),
        6: ("resourceVersion", .text), 7: ("generation", .number), 8: ("creationTimestamp", .time),
        9: ("deletionTimestamp", .time), 11: ("labels", .map(.text)), 12: ("annotations", .map(.text)),
        13: ("ownerReferences", .list(owner)), 14: ("finalizers", .list(.text)),
    ])
    private static let rule: Kind = .message([
        1: ("verbs", .list(.text)), 2: ("apiGroups", .list(.text)), 3: ("resources", .list(.text)),
        4: ("resourceNames", .list(.text)), 5: ("nonResourceURLs", .list(.text)),
    ])
    private static let subject: Kind = .message([
        1: ("kind", .text), 2: ("apiGroup", .text), 3: ("name", .text), 4: ("namespace", .text),
    ])
    private static let roleReference: Kind = .message([
        1: ("apiGroup", .text), 2: ("kind", .text), 3: ("name", .text),
    ])
    private static let access: Kind = .message([
        1: ("namespace", .text), 2: ("verb", .text), 3: ("group", .text), 4: ("version", .text),
        5: ("resource", .text), 6: ("subresource", .text), 7: ("name", .text),
    ])
    private static let tokenRequest: Kind = .message([
        1: ("audiences", .list(.text)),
        3: (
            "boundObjectRef",
            .message([1: ("kind", .text), 2: ("apiVersion", .text), 3: ("name", .text), 4: ("uid", .text)])
        ),
        4: ("expirationSeconds", .number),
    ])
    private static let role: [Int: (String, Kind)] = [1: ("metadata", metadata), 2: ("rules", .list(rule))]
    private static let binding: [Int: (String, Kind)] = [
        1: ("metadata", metadata), 2: ("subjects", .list(subject)), 3: ("roleRef", roleReference),
    ]

    /// By kind: the numbers of `generated.proto` of each group.
    private static let kinds: [String: [Int: (String, Kind)]] = [
        "ConfigMap": [
            1: ("metadata", metadata), 2: ("data", .map(.text)), 3: ("binaryData", .map(.bytes)),
            4: ("immutable", .flag),
        ],
        "Secret": [
            1: ("metadata", metadata), 2: ("data", .map(.bytes)), 3: ("type", .text),
            4: ("stringData", .map(.text)),
            5: ("immutable", .flag),
        ],
        "Namespace": [1: ("metadata", metadata)],
        "ServiceAccount": [1: ("metadata", metadata), 4: ("automountServiceAccountToken", .flag)],
        "Role": role, "ClusterRole": role, "RoleBinding": binding, "ClusterRoleBinding": binding,
        "SelfSubjectAccessReview": [
            1: ("metadata", metadata), 2: ("spec", .message([1: ("resourceAttributes", access)])),
        ],
        "TokenRequest": [1: ("metadata", metadata), 2: ("spec", tokenRequest)],
        "DeleteOptions": [
            1: ("gracePeriodSeconds", .number),
            2: ("preconditions", .message([1: ("uid", .text), 2: ("resourceVersion", .text)])),
            4: ("propagationPolicy", .text), 5: ("dryRun", .list(.text)),
        ],
    ]

    /// `nil` for what is no such body, or of a kind that is not known here.
    static func decode(_ body: [UInt8]) -> JSON? {
        guard body.starts(with: magic) else { return nil }
        let unknown: [Int: (String, Kind)] = [
            1: ("type", .message([1: ("apiVersion", .text), 2: ("kind", .text)])), 2: ("raw", .bytes),
        ]
        guard let envelope = message(body.dropFirst(magic.count), unknown),
            let kind = envelope["type", "kind"]?.string, let fields = kinds[kind]
        else { return nil }
        let raw = envelope["raw"]?.string.flatMap(Base64Text.decode) ?? []
        guard var object = message(raw[...], fields) else { return nil }
        object["kind"] = .string(kind)
        object["apiVersion"] = envelope["type", "apiVersion"]
        return object
    }

    private static func message(_ bytes: ArraySlice<UInt8>, _ fields: [Int: (String, Kind)]) -> JSON? {
        var rest = bytes
        var object: JSON = [:]
        while !rest.isEmpty {
            guard let key = varint(&rest) else { return nil }
            let field = fields[Int(key >> 3)]
            switch key & 7 {
            case 0:
                guard let number = varint(&rest) else { return nil }
                guard let (name, kind) = field else { continue }
                if case .flag = kind { object[name] = .bool(number != 0) }
                if case .number = kind { object[name] = .integer(Int64(bitPattern: number)) }
            case 2:
                guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
                let content = rest.prefix(Int(length))
                rest = rest.dropFirst(Int(length))
                guard let (name, kind) = field else { continue }
                guard let value = value(content, kind, after: object[name]) else { return nil }
                // What is empty is what is absent.
                if value != .string("") { object[name] = value }
            case 1, 5:
                let width = key & 7 == 1 ? 8 : 4
                guard rest.count >= width else { return nil }
                rest = rest.dropFirst(width)
            default: return nil
            }
        }
        return object
    }

    private static func value(_ content: ArraySlice<UInt8>, _ kind: Kind, after earlier: JSON?) -> JSON? {
        switch kind {
        case .text: return .string(String(decoding: content, as: UTF8.self))
        case .bytes: return .string(Base64Text.encode(content))
        case .message(let fields): return message(content, fields)
        case .list(let item):
            return value(content, item, after: nil).map { .array((earlier?.array ?? []) + [$0]) }
        case .map(let item):
            guard let entry = message(content, [1: ("key", .text), 2: ("value", item)]) else { return nil }
            var map = earlier ?? [:]
            map[entry["key"]?.string ?? ""] = entry["value"] ?? ""
            return map
        case .time:
            guard let parts = message(content, [1: ("seconds", .number)]) else { return nil }
            let seconds = parts["seconds"]?.integer
            return .string(seconds.map { Timestamp(microseconds: $0 &* 1_000_000).time } ?? "")
        case .number, .flag: return nil
        }
    }

    /// At most ten bytes, seven bits each, the least first.
    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
