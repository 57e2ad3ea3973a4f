import WireProtocols

/// How an attack's statements are sent.
enum AttackPath: String, CaseIterable {
    case simple
    case extended
    /// Extended, results in binary.
    case binary

    func messages(_ sql: String) -> [UInt8] {
        var bytes: [UInt8] = []
        guard self != .simple else {
            Query.write(sql.utf8, to: &bytes)
            return bytes
        }
        Parse.write(statement: [], text: sql.utf8, parameterTypes: [], to: &bytes)
        Bind.write(
            portal: [UInt8](), statement: [UInt8](), parameterFormats: [], parameters: [],
            resultFormats: self == .binary ? [.binary] : [], to: &bytes)
        if self == .extended { Describe.write(.portal, [UInt8](), to: &bytes) }
        Execute.write(portal: [UInt8](), to: &bytes)
        bytes.appendSync()
        return bytes
    }
}
