/// The first packet of a session: what version is spoken, and the session's parameters.
package struct StartupMessage: Equatable, Sendable {
    /// A name and a value, both without NUL, in no declared encoding.
    package struct Parameter: Equatable, Sendable {
        package var name: [UInt8]
        package var value: [UInt8]

        package init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }

        package init(_ name: String, _ value: String) {
            self.init(name: Array(name.utf8), value: Array(value.utf8))
        }
    }

    package var version: ProtocolVersion
    /// In the client's order, with repetitions; the server lets the last value of a name count.
    package var parameters: [Parameter]

    package init(version: ProtocolVersion = .oldest, parameters: [Parameter]) {
        self.version = version
        self.parameters = parameters
    }

    /// The last value of `name`, as the server takes it.
    package func value(of name: String) -> [UInt8]? {
        parameters.last { $0.name.elementsEqual(name.utf8) }?.value
    }

    /// Reads what follows the packet's length and version.
    init(version: ProtocolVersion, _ reader: consuming ByteReader, in body: Span<UInt8>) throws(WireError) {
        self.version = version
        parameters = []
        while true {
            let name = try reader.readCString()
            if name.isEmpty { break }
            let value = try reader.readCString()
            parameters.append(Parameter(name: body.copy(name), value: body.copy(value)))
        }
        try reader.finish()
    }

    package func write(to output: inout [UInt8]) {
        let start = output.beginStartupPacket(code: version.rawValue)
        for parameter in parameters {
            output.appendCString(parameter.name)
            output.appendCString(parameter.value)
        }
        output.append(0)
        output.endStartupPacket(start)
    }
}
