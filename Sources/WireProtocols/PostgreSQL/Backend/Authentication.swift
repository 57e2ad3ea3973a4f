/// What the server asks of the client to prove who it is, or that it is content.
package enum Authentication: Equatable, Sendable {
    case ok
    case cleartextPassword
    case md5Password(salt: [UInt8])
    /// The mechanisms the server offers, the preferred one first.
    case sasl(mechanisms: [[UInt8]])
    case saslContinue([UInt8])
    case saslFinal([UInt8])
    /// A method not spoken here (Kerberos, GSSAPI, SSPI or one unknown), by its code.
    case unsupported(code: UInt32)

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        switch try reader.readUInt32() {
        case 0: self = .ok
        case 3: self = .cleartextPassword
        case 5: self = .md5Password(salt: body.copy(try reader.readBytes(4)))
        case 10: self = .sasl(mechanisms: try Self.mechanisms(&reader, in: body))
        case 11: self = .saslContinue(body.copy(reader.readRest()))
        case 12: self = .saslFinal(body.copy(reader.readRest()))
        case let code:
            self = .unsupported(code: code)
            return
        }
        try reader.finish()
    }

    private static func mechanisms(_ reader: inout ByteReader, in body: Span<UInt8>) throws(WireError)
        -> [[UInt8]]
    {
        var mechanisms: [[UInt8]] = []
        while true {
            let name = try reader.readCString()
            if name.isEmpty { return mechanisms }
            mechanisms.append(body.copy(name))
        }
    }

    /// The message by itself.
    package var message: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    package func write(to output: inout [UInt8]) {
        let frame = output.beginFrame(BackendMessageType.authentication)
        switch self {
        case .ok: output.appendUInt32(0)
        case .cleartextPassword: output.appendUInt32(3)
        case .md5Password(let salt):
            output.appendUInt32(5)
            output.append(contentsOf: salt)
        case .sasl(let mechanisms):
            output.appendUInt32(10)
            for mechanism in mechanisms { output.appendCString(mechanism) }
            output.append(0)
        case .saslContinue(let data):
            output.appendUInt32(11)
            output.append(contentsOf: data)
        case .saslFinal(let data):
            output.appendUInt32(12)
            output.append(contentsOf: data)
        case .unsupported(let code): output.appendUInt32(code)
        }
        output.endFrame(frame)
    }
}
