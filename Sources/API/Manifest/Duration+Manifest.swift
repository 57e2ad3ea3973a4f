extension Duration {
    /// Reads `5s`, `30m`, `1h30m`, `250ms`: whole numbers with a unit, largest unit first, each at most once.
    ///
    /// The notation is Go's, of which Kubernetes manifests use this part; no signs, fractions or spaces.
    package init?(manifest text: String) {
        let units: [(name: String, milliseconds: Int64)] = [
            ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
        ]
        var rest = Substring(text)
        var next = 0
        var total: Int64 = 0
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
            guard digits.count <= 9, let amount = Int64(digits),
                let index = units.firstIndex(where: { $0.name == unit }), index >= next
            else { return nil }
            total += amount * units[index].milliseconds
            next = index + 1
            rest = rest.dropFirst(digits.count + unit.count)
        } while !rest.isEmpty
        self = .milliseconds(total)
    }

    /// The shortest text that reads back as this duration; whole milliseconds only.
    package var manifestText: String {
        var rest = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        guard rest > 0 else { return "0s" }
        var text = ""
        for (name, milliseconds) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
            as [(String, Int64)]
        {
            if rest >= milliseconds { text += "\(rest / milliseconds)\(name)" }
            rest %= milliseconds
        }
        return text
    }
}
