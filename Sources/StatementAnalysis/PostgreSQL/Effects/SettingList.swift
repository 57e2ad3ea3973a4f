/// A setting that is a list of names, written as one text (`SplitIdentifierString`, `varlena.c`).
enum SettingList {
    /// The names between the commas; unquoted ones folded to lower case. `nil` when the text is no such list.
    package static func identifiers(_ text: String) -> [String]? {
        let bytes = Array(text.utf8)
        var names: [String] = []
        var index = 0
        func skipSpace() { while index < bytes.count, isSpace(bytes[index]) { index += 1 } }
        skipSpace()
        if index == bytes.count { return [] }
        while true {
            var name: [UInt8] = []
            if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                index += 1
                while true {
                    guard index < bytes.count else { return nil }
                    if bytes[index] == UInt8(ascii: "\"") {
                        index += 1
                        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { break }
                    }
                    name.append(bytes[index])
                    index += 1
                }
            } else {
                while index < bytes.count, bytes[index] != UInt8(ascii: ","), !isSpace(bytes[index]) {
                    // The server folds other letters by its locale.
                    guard bytes[index] < 0x80 else { return nil }
                    let isUpper = bytes[index] >= UInt8(ascii: "A") && bytes[index] <= UInt8(ascii: "Z")
                    name.append(isUpper ? bytes[index] + 0x20 : bytes[index])
                    index += 1
                }
                if name.isEmpty { return nil }
            }
            names.append(String(decoding: name.prefix(Self.maximumNameLength), as: UTF8.self))
            skipSpace()
            if index == bytes.count { return names }
            guard bytes[index] == UInt8(ascii: ",") else { return nil }
            index += 1
            skipSpace()
        }
    }

    /// `NAMEDATALEN` - 1.
    private static let maximumNameLength = 63

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
