import API

/// How a schema says what a ``StringFormat`` is.
struct SchemaPattern {
    /// In Unicode scalars; the least is 0 where the pattern itself asks for more.
    var length: ClosedRange<Int>
    var regex: String

    static let printable = #"^[^\x00-\x1f\x7f]*$"#
    static let duration = #"^([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$"#
    private static let label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
    private static let day = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
    private static let window =
        "^\(day)(-\(day))?(,\(day)(-\(day))?)*"
        + " ([01][0-9]|2[0-3]):[0-5][0-9]-((0[1-9]|1[0-9]|2[0-3]):[0-5][0-9]|00:(0[1-9]|[1-5][0-9])|24:00)"
        + #" UTC(\+(0[0-9]|1[0-3]):[0-5][0-9]|\+14:00|-(0[0-9]|1[01]):[0-5][0-9]|-12:00)?$"#

    init(of format: StringFormat) {
        let all = 0...StringFormat.maximumLength
        (length, regex) =
            switch format {
            case .any: (all, Self.printable)
            case .nonEmpty: (1...StringFormat.maximumLength, Self.printable)
            case .text(let range): (range, Self.printable)
            case .objectName: (0...253, #"^\#(Self.label)(\.\#(Self.label))*$"#)
            case .label: (0...63, "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
            case .dataKey: (0...253, #"^\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*$"#)
            case .environmentVariable: (all, "^[A-Za-z_][A-Za-z0-9_]*$")
            case .socketPath: (0...107, #"^/[^\x00-\x1f\x7f]+$"#)
            case .fileMode: (0...4, "^0?[0-7]{3}$")
            case .qualifiedName: (all, #"^[^.\x00-\x1f\x7f]+\.[^.\x00-\x1f\x7f]+$"#)
            case .host: (0...253, "^[A-Za-z0-9_.:-]+$")
            case .hostOrEmpty: (0...253, "^[A-Za-z0-9_.:-]*$")
            case .serverHost: (0...253, #"^([A-Za-z0-9_.:-]+|/[^\x00-\x1f\x7f]+)$"#)
            case .quantity:
                (0...64, #"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"#)
            case .webAddress:
                (all, #"^(https://[\x21-\x7e]|http://(localhost|127\.0\.0\.1|\[::1\])[:/])[\x21-\x7e]*$"#)
            case .digest: (0...64, "^[0-9a-f]{64}$")
            case .timeWindow: (0...StringFormat.maximumWindowLength, Self.window)
            case .dateTime: (0...30, "date-time")
            case .statementText: (0...StringFormat.maximumStatementLength, "any")
            }
    }

    /// Whether a schema with this pattern takes the text.
    func takes(_ text: String) throws -> Bool {
        try length.contains(text.unicodeScalars.count)
            && Regex(regex).matchingSemantics(.unicodeScalar).firstMatch(in: text) != nil
    }
}
