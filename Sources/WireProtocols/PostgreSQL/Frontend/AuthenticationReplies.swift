/// The client's answer to a request for a password, in clear text or hashed.
package struct PasswordMessage: Equatable, Sendable {
    /// The longest body, in bytes; the server's own limit (`PG_MAX_AUTH_TOKEN_LENGTH`).
    package static let maximumBodyLength = 65_535

    /// The password within the body.
    package let password: Range<Int>

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        password = try reader.readCString()
        try reader.finish()
    }

    package static func write(_ password: some Collection<UInt8>, to output: inout [UInt8]) {
        let frame = output.beginFrame(FrontendMessageType.authentication)
        output.appendCString(password)
        output.endFrame(frame)
    }
}

/// Limits on SASL exchanges.
package enum SASLMessage {
    /// The longest body, in bytes; the server's own limit (`PG_MAX_SASL_MESSAGE_LENGTH`).
    package static let maximumBodyLength = 1_024
}

/// The client's choice of a SASL mechanism and its first message.
package struct SASLInitialResponse: Equatable, Sendable {
    /// The mechanism's name within the body.
    package let mechanism: Range<Int>
    /// The mechanism's first message within the body; `nil` if the client sent none.
    package let data: Range<Int>?

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        mechanism = try reader.readCString()
        data = try reader.readValue()
        try reader.finish()
    }

    package static func write(
        mechanism: some Collection<UInt8>, data: [UInt8]?, to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(FrontendMessageType.authentication)
        output.appendCString(mechanism)
        output.appendValue(data)
        output.endFrame(frame)
    }
}

/// A further message of the chosen mechanism; its body is the mechanism's own.
package enum SASLResponse {
    package static func write(_ data: [UInt8], to output: inout [UInt8]) {
        let frame = output.beginFrame(FrontendMessageType.authentication)
        output.append(contentsOf: data)
        output.endFrame(frame)
    }
}
