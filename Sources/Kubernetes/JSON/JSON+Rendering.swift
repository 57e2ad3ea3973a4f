extension JSON {
    /// The value without spaces, its fields sorted: the same bytes for equal values.
    package var rendered: [UInt8] {
        var output: [UInt8] = []
        append(to: &output)
        return output
    }

    fileprivate func append(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .integer(let value): output += String(value).utf8
        case .number(let text): output += text.utf8
        case .string(let text): Self.append(text, to: &output)
        case .array(let items):
            output.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                item.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let fields):
            output.append(UInt8(ascii: "{"))
            for (index, field) in fields.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.append(field.name, to: &output)
                output.append(UInt8(ascii: ":"))
                field.value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    fileprivate static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        guard needsEscapes(text) else {
            output.append(contentsOf: text.utf8)
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 0x0A: output += "\\n".utf8
            case 0x0D: output += "\\r".utf8
            case 0x09: output += "\\t".utf8
            case 0..<0x10: output += "\\u000\(String(byte, radix: 16))".utf8
            case 0x10..<0x20: output += "\\u00\(String(byte, radix: 16))".utf8
            default: output.append(byte)
            }
        }
    }

    private static func needsEscapes(_ text: String) -> Bool {
        let bytes = text.utf8.span
        // Without a way out of it, the loop takes many bytes at a time.
        var special: UInt8 = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            special |=
                (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0)
                | (byte == UInt8(ascii: "\\") ? 1 : 0)
        }
        return special != 0
    }
}

extension JSONPatch {
    /// The bytes of ``json``, which is not made for it.
    package var rendered: [UInt8] {
        var output: [UInt8] = []
        output.append(UInt8(ascii: "["))
        for operation in operations {
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            switch operation {
            case .add(let path, let value): Self.append("add", to: path, value, &output)
            case .remove(let path): Self.append("remove", to: path, nil, &output)
            case .replace(let path, let value): Self.append("replace", to: path, value, &output)
            case .move(let from, let path): Self.append("move", from: from, to: path, nil, &output)
            case .copy(let from, let path): Self.append("copy", from: from, to: path, nil, &output)
            case .test(let path, let value): Self.append("test", to: path, value, &output)
            }
        }
        output.append(UInt8(ascii: "]"))
        return output
    }

    private static func append(
        _ name: String, from: JSONPointer? = nil, to path: JSONPointer, _ value: JSON?,
        _ output: inout [UInt8]
    ) {
        output.append(UInt8(ascii: "{"))
        if let from {
            output += "\"from\":".utf8
            JSON.append(from.description, to: &output)
            output.append(UInt8(ascii: ","))
        }
        output += "\"op\":\"".utf8
        output += name.utf8
        output += "\",\"path\":".utf8
        JSON.append(path.description, to: &output)
        if let value {
            output += ",\"value\":".utf8
            value.append(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}
