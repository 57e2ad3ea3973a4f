/// What `Describe` and `Close` name.
package enum NamedObject: UInt8, Equatable, Sendable {
    case statement = 0x53
    case portal = 0x50
}

/// The body of `Describe` and `Close`: a kind and a name.
package struct ObjectReference: Equatable, Sendable {
    package let object: NamedObject
    /// The name within the body; empty for the unnamed one.
    package let name: Range<Int>

    package init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        let kind = try reader.readUInt8()
        guard let object = NamedObject(rawValue: kind) else { throw .valueOutOfRange(Int(kind)) }
        self.object = object
        name = try reader.readCString()
        try reader.finish()
    }

    fileprivate static func write(
        _ type: FrontendMessageType, _ object: NamedObject, _ name: some Collection<UInt8>,
        to output: inout [UInt8]
    ) {
        let frame = output.beginFrame(type)
        output.append(object.rawValue)
        output.appendCString(name)
        output.endFrame(frame)
    }
}

package enum Describe {
    package static func write(
        _ object: NamedObject, _ name: some Collection<UInt8>, to output: inout [UInt8]
    ) {
        ObjectReference.write(.describe, object, name, to: &output)
    }
}

package enum Close {
    package static func write(
        _ object: NamedObject, _ name: some Collection<UInt8>, to output: inout [UInt8]
    ) {
        ObjectReference.write(.close, object, name, to: &output)
    }
}
