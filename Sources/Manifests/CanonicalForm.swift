import API

extension ManifestNode {
    /// The value as JSON with sorted keys and no spaces: the same for equal values however they were written.
    var canonicalForm: [UInt8] {
        var output: [UInt8] = []
        appendCanonicalForm(to: &output)
        return output
    }

    private func appendCanonicalForm(to output: inout [UInt8]) {
        switch value {
        case .null: output += "null".utf8
        case .boolean(let value): output += "\(value)".utf8
        case .integer(let value): output += "\(value)".utf8
        case .number(let text): output += text.utf8
        case .string(let text): Self.append(text, to: &output)
        case .sequence(let items):
            output.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                item.appendCanonicalForm(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .mapping(let fields):
            output.append(UInt8(ascii: "{"))
            for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.append(field.key, to: &output)
                output.append(UInt8(ascii: ":"))
                field.value.appendCanonicalForm(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { output.append(UInt8(ascii: "\\")) }
            if byte < 0x20 {
                output += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            } else {
                output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
