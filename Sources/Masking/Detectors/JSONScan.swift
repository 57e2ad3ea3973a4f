import API

/// The identifiers of one JSON document (RFC 8259): those within strings, and values under keys that tell their kind.
struct JSONScan {
    /// An identifier, and whether it is a bare number: what replaces that is a string.
    struct Piece: Equatable {
        var finding: Finding
        var isNumber: Bool
    }

    enum Outcome: Equatable {
        case document([Piece])
        /// The text is no JSON document.
        case none
        /// The document is nested deeper than ``depthLimit``.
        case tooDeep
    }

    /// Deepest nesting that is followed; ours.
    static let depthLimit = 128

    /// What the keys around a value say.
    private struct Context {
        var label: Label?
        var isPerson: Bool
        let isObject: Bool
    }

    private let kinds: IdentifierKinds
    private let scanner: IdentifierScanner
    private let lexicon = Lexicon.standard
    private var pieces: [Piece] = []
    private var stack: [Context] = []
    /// Of the value to come.
    private var label: Label?
    private var isPerson = false
    private var index = 0

    private init(kinds: IdentifierKinds) {
        self.kinds = kinds
        scanner = IdentifierScanner(kinds)
    }

    static func findings(in text: Span<UInt8>, kinds: IdentifierKinds) -> [Finding]? {
        guard case .document(let pieces) = outcome(of: text, kinds: kinds) else { return nil }
        return pieces.map(\.finding)
    }

    /// Reads a document; a scalar by itself counts as one where that is said. `context` is what the column's name says.
    static func outcome(
        of text: Span<UInt8>, kinds: IdentifierKinds, isScalarAllowed: Bool = false, context: Label? = nil
    ) -> Outcome {
        var scan = Self(kinds: kinds)
        scan.label = context
        scan.skipSpace(text)
        guard scan.index < text.count else { return .none }
        let first = text[scan.index]
        guard isScalarAllowed || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            return .none
        }
        switch scan.readDocument(text) {
        case true?: return .document(scan.pieces)
        case false?: return .none
        case nil: return .tooDeep
        }
    }

    /// - Returns: `nil` for too deep a document.
    private mutating func readDocument(_ text: Span<UInt8>) -> Bool? {
        while true {
            // A value.
            skipSpace(text)
            guard index < text.count else { return false }
            switch text[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard stack.count < Self.depthLimit else { return nil }
                let isObject = text[index] == UInt8(ascii: "{")
                stack.append(container(isObject: isObject))
                index += 1
                skipSpace(text)
                if index < text.count, text[index] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    index += 1
                    stack.removeLast()
                } else {
                    guard beginElement(text) else { return false }
                    continue
                }
            case UInt8(ascii: "\""):
                guard let string = readString(text) else { return false }
                cover(string: string, in: text)
            default:
                guard readScalar(text) else { return false }
            }
            // What follows a value.
            while true {
                skipSpace(text)
                guard let top = stack.last else { return index == text.count }
                guard index < text.count else { return false }
                let byte = text[index]
                index += 1
                if byte == UInt8(ascii: ",") {
                    guard beginElement(text) else { return false }
                    break
                }
                guard byte == (top.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
                stack.removeLast()
            }
        }
    }

    /// What holds for the members of a container that stands where a value does.
    private func container(isObject: Bool) -> Context {
        switch label {
        case .address, .zip: Context(label: .address, isPerson: false, isObject: isObject)
        case .bareName: Context(label: .name, isPerson: true, isObject: isObject)
        case .biometric, .photo: Context(label: label, isPerson: isPerson, isObject: isObject)
        case .name, .title, .person:
            Context(label: isObject ? nil : label, isPerson: true, isObject: isObject)
        default: Context(label: isObject ? nil : label, isPerson: isPerson, isObject: isObject)
        }
    }

    /// Reads the key of a member, or takes over what the array's key says.
    private mutating func beginElement(_ text: Span<UInt8>) -> Bool {
        guard let top = stack.last else { return false }
        label = top.label
        isPerson = top.isPerson
        guard top.isObject else { return true }
        skipSpace(text)
        guard index < text.count, text[index] == UInt8(ascii: "\""), let key = readString(text) else {
            return false
        }
        skipSpace(text)
        guard index < text.count, text[index] == UInt8(ascii: ":") else { return false }
        index += 1
        let mapped = MappedText(text, key, escapes: .json)
        switch lexicon.label(ofKey: mapped.bytes.prefix(mapped.count)) {
        case nil: break
        case .bareName? where top.isPerson: label = .name
        case .thing?: label = nil
        case let found?: label = found
        }
        coverKey(key, in: text)
        return true
    }

    /// A key may itself hold an identifier: `{"ann@example.org": 3}`.
    private mutating func coverKey(_ key: Range<Int>, in text: Span<UInt8>) {
        guard !key.isEmpty else { return }
        for finding in scanner.findings(inPlain: text, key, escapes: .json) {
            pieces.append(Piece(finding: finding, isNumber: false))
        }
    }

    private mutating func cover(string: Range<Int>, in text: Span<UInt8>) {
        guard !string.isEmpty else { return }
        let context = label == .bareName ? nil : label
        for finding in scanner.findings(inPlain: text, string, escapes: .json, context: context) {
            pieces.append(Piece(finding: finding, isNumber: false))
        }
    }

    private mutating func skipSpace(_ text: Span<UInt8>) {
        while index < text.count {
            switch text[index] {
            case 0x20, 0x09, 0x0a, 0x0d: index += 1
            default: return
            }
        }
    }

    /// The inside of the string at the index, which moves past its end.
    private mutating func readString(_ text: Span<UInt8>) -> Range<Int>? {
        let start = index + 1
        index = start
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""):
                index += 1
                return start..<index - 1
            case UInt8(ascii: "\\"): index += 2
            case 0..<0x20: return nil
            default: index += 1
            }
        }
        return nil
    }

    /// A number or a literal.
    private mutating func readScalar(_ text: Span<UInt8>) -> Bool {
        let start = index
        while index < text.count,
            text[index].isWordByte || text[index] == UInt8(ascii: "-")
                || text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: ".")
        { index += 1 }
        let token = start..<index
        guard !token.isEmpty else { return false }
        let first = text[start]
        guard first == UInt8(ascii: "-") || first.isDigit else {
            return ["true", "false", "null"].contains { word in
                word.utf8.count == token.count && zip(word.utf8, token).allSatisfy { $0 == text[$1] }
            }
        }
        guard token.count <= 64 else { return true }
        if let label, let kind = label.kind, kinds.contains(kind),
            isNumber(token, plausibleAs: label, in: text)
        {
            pieces.append(Piece(finding: Finding(kind: kind, range: token), isNumber: true))
        } else {
            let found = scanner.findings(inPlain: text, token, escapes: .none).first
            if let found {
                pieces.append(Piece(finding: Finding(kind: found.kind, range: token), isNumber: true))
            }
        }
        return true
    }

    private func isNumber(_ token: Range<Int>, plausibleAs label: Label, in text: Span<UInt8>) -> Bool {
        var digits = 0
        for at in token where text[at].isDigit { digits += 1 }
        switch label {
        case .age: return text.extracting(token).decimalNumber.map { $0 >= 90 } ?? false
        case .date: return digits >= 6
        case .phone, .fax: return digits >= 5
        case .ssn, .medicalRecord, .healthPlan, .account, .license, .vehicle, .plate, .device, .biometric,
            .other,
            .zip:
            return digits >= 2
        case .name, .title, .bareName, .address, .place, .dateWord, .email, .url, .ipAddress, .photo, .thing,
            .person:
            return false
        }
    }
}
