/// The cells of one row in text format, read by position; a cell that is missing, null or of another shape is `nil`.
struct CatalogueRow {
    private let cells: [[UInt8]?]

    init(_ cells: [[UInt8]?]) { self.cells = cells }

    private func cell(_ index: Int) -> [UInt8]? { cells.indices.contains(index) ? cells[index] : nil }

    /// Bytes that are no UTF-8 become U+FFFD: ``Catalogue/isUnreadable(_:)``.
    func string(_ index: Int) -> String? { cell(index).map { String(decoding: $0, as: UTF8.self) } }

    func validString(_ index: Int) -> String? {
        cell(index).flatMap { String(validating: $0, as: UTF8.self) }
    }

    func oid(_ index: Int) -> ObjectID? { string(index).flatMap { ObjectID($0) } }

    func byte(_ index: Int) -> UInt8? { cell(index).flatMap { $0.count == 1 ? $0[0] : nil } }

    /// As the type writes it, or as its conversion to text does.
    func flag(_ index: Int) -> Bool? {
        switch string(index) {
        case "t", "true": true
        case "f", "false": false
        default: nil
        }
    }

    /// An `oidvector`: numbers between spaces.
    func vector(_ index: Int) -> [ObjectID]? {
        guard let text = string(index) else { return nil }
        let parts = text.split(separator: " ")
        let values = parts.compactMap { ObjectID($0) }
        return values.count == parts.count ? values : nil
    }

    /// A one-dimensional array's literal, `{a,"b c"}` (documentation, 8.15.6).
    func array(_ index: Int) -> [String]? {
        guard let bytes = cell(index), bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}")
        else {
            return nil
        }
        var result: [String] = []
        var item: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            if isEscaped {
                item.append(byte)
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                result.append(String(decoding: item, as: UTF8.self))
                item = []
            default: item.append(byte)
            }
        }
        if bytes.count > 2 { result.append(String(decoding: item, as: UTF8.self)) }
        return isQuoted || isEscaped ? nil : result
    }
}
