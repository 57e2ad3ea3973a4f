/// What the operator is told of a configuration: in force, or why not.
struct ConfigurationAcknowledgement: Equatable {
    /// Most faults told. Ours.
    static let maximumFaults = 20
    /// Longest text of a fault, in characters. Ours.
    static let maximumFaultLength = 500

    var revision: String
    var faults: [String]

    /// JSON (RFC 8259).
    var body: [UInt8] {
        var text = "{\"revision\":\(Self.quoted(revision)),\"accepted\":\(faults.isEmpty)"
        if !faults.isEmpty {
            let told = faults.prefix(Self.maximumFaults).map {
                Self.quoted($0.prefix(Self.maximumFaultLength))
            }
            text += ",\"faults\":[\(told.joined(separator: ","))]"
        }
        return Array((text + "}").utf8)
    }

    private static func quoted(_ text: some StringProtocol) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
