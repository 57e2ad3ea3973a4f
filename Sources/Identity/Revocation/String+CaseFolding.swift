extension String {
    /// Equal for texts that differ in nothing but case: simple case folding (Unicode, section 3.13, and the
    /// statuses C and S of `CaseFolding.txt`), which knows no language. `ß` and `ss` stay two, as do `ı` and
    /// `i`.
    var caseFolded: String {
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return lowercased() }
        var folded = UnicodeScalarView()
        for scalar in unicodeScalars { folded.append(scalar.caseFolded) }
        return String(folded)
    }
}

extension Unicode.Scalar {
    private static let dotlessI: Unicode.Scalar = "\u{131}"

    /// By way of the upper case, in which `ς` and `σ`, `ſ` and `s` meet.
    fileprivate var caseFolded: Unicode.Scalar {
        guard self != Self.dotlessI else { return self }
        let lower = properties.lowercaseMapping.onlyScalar ?? self
        let upper = lower.properties.uppercaseMapping.onlyScalar ?? lower
        return upper.properties.lowercaseMapping.onlyScalar ?? upper
    }
}

extension String {
    fileprivate var onlyScalar: Unicode.Scalar? {
        unicodeScalars.count == 1 ? unicodeScalars.first : nil
    }
}
