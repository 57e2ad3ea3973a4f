/// JSON (RFC 8259) written by hand, for the few messages between a gateway and its operator.
package struct JSONText: Sendable, Equatable, ExpressibleByStringLiteral {
    package let text: String

    private init(raw text: String) {
        self.text = text
    }

    package init(stringLiteral value: String) {
        text = Self.quoted(value)
    }

    package static func string(_ value: some StringProtocol) -> Self { Self(raw: quoted(value)) }
    package static func bool(_ value: Bool) -> Self { Self(raw: "\(value)") }
    package static func strings(_ values: [String]) -> Self { list(values.map { .string($0) }) }

    package static func list(_ values: [Self]) -> Self {
        Self(raw: "[" + values.map(\.text).joined(separator: ",") + "]")
    }

    /// Members in the order given.
    package static func object(_ members: KeyValuePairs<String, Self>) -> Self {
        Self(raw: "{" + members.map { "\(quoted($0.key)):\($0.value.text)" }.joined(separator: ",") + "}")
    }

    package var bytes: [UInt8] { Array(text.utf8) }

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
