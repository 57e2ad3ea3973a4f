package import API

/// An identifier in a text.
package struct Finding: Sendable, Equatable {
    package var kind: IdentifierKind
    /// Bytes of the text it is in.
    package var range: Range<Int>

    package init(kind: IdentifierKind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }
}

/// Kinds of identifiers to look for.
struct IdentifierKinds: OptionSet, Sendable {
    let rawValue: UInt32

    static let all = Self(IdentifierKind.allCases)

    init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ kinds: some Sequence<IdentifierKind>) {
        self = kinds.reduce(into: []) { $0.formUnion(Self($1)) }
    }

    private init(_ kind: IdentifierKind) {
        let bit: UInt32 =
            switch kind {
            case .name: 0
            case .address: 1
            case .date: 2
            case .phone: 3
            case .fax: 4
            case .email: 5
            case .ssn: 6
            case .medicalRecordNumber: 7
            case .healthPlanNumber: 8
            case .accountNumber: 9
            case .license: 10
            case .vehicle: 11
            case .device: 12
            case .url: 13
            case .ipAddress: 14
            case .biometric: 15
            case .photo: 16
            case .other: 17
            }
        rawValue = 1 << bit
    }

    func contains(_ kind: IdentifierKind) -> Bool { contains(Self(kind)) }
}

/// What was found so far, in the order of the text and without overlaps.
struct Findings {
    private(set) var list: [Finding] = []

    /// Adds an identifier that ends behind the others; where it overlaps earlier ones the union is one identifier, of
    /// the kind of its longer part.
    mutating func add(_ kind: IdentifierKind, _ range: Range<Int>) {
        var finding = Finding(kind: kind, range: range)
        while let last = list.last, last.range.upperBound > finding.range.lowerBound {
            let union =
                min(
                    last.range.lowerBound, finding.range.lowerBound)..<max(
                    last.range.upperBound, finding.range.upperBound)
            finding = Finding(
                kind: last.range.count > finding.range.count ? last.kind : finding.kind, range: union)
            list.removeLast()
        }
        list.append(finding)
    }
}
