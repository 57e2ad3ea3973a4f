/// A pattern of names: `*` stands for any characters, also none; everything else, also case, for itself.
struct Glob: Sendable, Hashable {
    private let pattern: [UInt8]
    /// The one name matched, where there is no star.
    let exactName: String?

    init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
        exactName = pattern.utf8.contains(Self.star) ? nil : pattern
    }

    /// Linear in the name for each star: after a mismatch only the last star is tried again.
    func matches(_ name: String) -> Bool {
        if exactName != nil { return name.utf8.elementsEqual(pattern) }
        let name = Array(name.utf8)
        var (at, next) = (0, 0)
        var retry: (pattern: Int, name: Int)?
        while next < name.count {
            if at < pattern.count, pattern[at] == Self.star {
                retry = (at + 1, next)
                at += 1
            } else if at < pattern.count, pattern[at] == name[next] {
                at += 1
                next += 1
            } else if let star = retry {
                retry = (star.pattern, star.name + 1)
                (at, next) = (star.pattern, star.name + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == Self.star }
    }

    private static let star = UInt8(ascii: "*")
}

extension [Glob] {
    /// Whether one of the patterns matches; without any there is nothing to meet.
    func allow(_ name: String) -> Bool {
        isEmpty || contains { $0.matches(name) }
    }
}
