/// Reads the comma-separated parts of one message in the order they must have.
struct SCRAMAttributes {
    private let message: [UInt8]
    /// Where the next part begins; past the end after the last.
    private(set) var position = 0

    init(_ message: [UInt8]) throws(SCRAMError) {
        guard message.count <= SCRAM.maximumMessageLength else { throw .messageTooLong(message.count) }
        self.message = message
    }

    /// What comes before the next comma, which is skipped.
    /// - Throws: ``SCRAMError/malformedMessage(_:)`` when the message is over.
    mutating func next(_ part: String) throws(SCRAMError) -> [UInt8] {
        guard position <= message.count else { throw .malformedMessage("\(part) is missing") }
        let rest = message[position...]
        let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? message.endIndex
        position = end + 1
        return Array(rest[..<end])
    }

    /// The value of the next part, which must be called `name`.
    mutating func value(of name: Character) throws(SCRAMError) -> [UInt8] {
        let part = try next("\(name)=")
        guard part.starts(with: "\(name)=".utf8) else { throw .malformedMessage("\(name)= is missing") }
        return Array(part.dropFirst(2))
    }

    mutating func base64(of name: Character) throws(SCRAMError) -> [UInt8] {
        guard let value = Base64.decode(bytes: try value(of: name)) else {
            throw .malformedMessage("\(name)= is not Base64")
        }
        return value
    }

    /// Extensions may be ignored, but nobody sends any, and the last part is only sure to be the last here.
    func end() throws(SCRAMError) {
        guard position > message.count else { throw .malformedMessage("more than expected") }
    }
}
