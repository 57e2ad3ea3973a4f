import Kubernetes

/// Lines of the stream from one replica to another, each a JSON object.
package enum ReplicaLine: Sendable, Equatable {
    case acknowledgements([AcknowledgementReport])
    /// What is revoked was changed, and is to be read again.
    case revocationsChanged
    case heartbeat

    /// Gateways in a line: with as many faults as are kept they make 4 MB. Ours.
    static let maximumReports = 100
    /// Longest line, in bytes.
    static let maximumLength = 8 << 20

    /// - Throws: for what is no line of the stream; a gateway that cannot be read is left out.
    package init(_ line: [UInt8]) throws {
        let json = try JSON(parsing: line)
        switch json["type"]?.string {
        case "Acknowledgements":
            self = .acknowledgements((json["gateways"]?.array ?? []).compactMap(AcknowledgementReport.init))
        case "RevocationsChanged": self = .revocationsChanged
        case "Heartbeat": self = .heartbeat
        default: throw MalformedAnswer("no line of another replica")
        }
    }

    package var bytes: [UInt8] {
        let json: JSON =
            switch self {
            case .acknowledgements(let reports):
                ["type": "Acknowledgements", "gateways": .array(reports.map(\.json))]
            case .revocationsChanged: ["type": "RevocationsChanged"]
            case .heartbeat: ["type": "Heartbeat"]
            }
        return json.rendered + [0x0A]
    }

    static func lines(of reports: [AcknowledgementReport]) -> [ReplicaLine] {
        stride(from: 0, to: reports.count, by: maximumReports).map { start in
            .acknowledgements(Array(reports[start..<min(start + maximumReports, reports.count)]))
        }
    }
}

extension AcknowledgementReport {
    /// - Returns: `nil` for what is no report.
    fileprivate init?(_ json: JSON) {
        guard let namespace = json["namespace"]?.string, let name = json["name"]?.string,
            let uid = json["uid"]?.string, let milliseconds = json["age"]?.integer, milliseconds >= 0,
            let acknowledgement = Acknowledgement(json)
        else { return nil }
        self.init(
            pod: PodIdentity(key: ObjectKey(namespace: namespace, name: name), uid: uid),
            acknowledgement: acknowledgement, age: .milliseconds(milliseconds))
    }

    fileprivate var json: JSON {
        var json = acknowledgement.json
        json["namespace"] = .string(pod.key.namespace)
        json["name"] = .string(pod.key.name)
        json["uid"] = .string(pod.uid)
        let (seconds, attoseconds) = age.components
        json["age"] = .integer(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        return json
    }
}
