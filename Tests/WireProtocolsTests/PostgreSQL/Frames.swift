import Testing

@testable import WireProtocols

/// What `write` appended, which must be one whole message of `type`: its body.
func body<Type: MessageType>(
    _ type: Type, sourceLocation: SourceLocation = #_sourceLocation, _ write: (inout [UInt8]) -> Void
) throws -> [UInt8] {
    // Lengths are patched where the message starts, not where the bytes do.
    var output: [UInt8] = [0xaa]
    write(&output)
    let header = try #require(
        try FrameHeader<Type>.nextWhole(in: output.span, at: 1), sourceLocation: sourceLocation)
    #expect(header.type == type, sourceLocation: sourceLocation)
    #expect(header.frameLength == output.count - 1, sourceLocation: sourceLocation)
    return Array(output[header.body(at: 1)])
}

/// The messages of a recording, in order.
func messages<Type: MessageType>(in bytes: [UInt8], of type: Type) throws -> [[UInt8]] {
    var bodies: [[UInt8]] = []
    var offset = 0
    while let header = try FrameHeader<Type>.nextWhole(in: bytes.span, at: offset) {
        if header.type == type { bodies.append(Array(bytes[header.body(at: offset)])) }
        offset += header.frameLength
    }
    return bodies
}

/// Every strict prefix of a well-formed body is malformed, and so is the body with a byte more.
func expectNoOtherLength(
    _ body: [UInt8], sourceLocation: SourceLocation = #_sourceLocation,
    _ parse: (Span<UInt8>) throws -> Void
) {
    #expect(throws: Never.self, sourceLocation: sourceLocation) { try parse(body.span) }
    for length in body.indices {
        #expect(throws: WireError.self, "\(length) bytes", sourceLocation: sourceLocation) {
            try parse(body.span.extracting(0..<length))
        }
    }
    #expect(throws: WireError.self, sourceLocation: sourceLocation) { try parse((body + [0]).span) }
}

extension [UInt8] {
    func text(_ range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }
}
