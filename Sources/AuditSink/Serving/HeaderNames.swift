import Hummingbird

extension HTTPFields.Element.Name {
    /// The name a reader without a token gives.
    static let weirReader = known("Weir-Reader")
    /// Where the next page of an answer begins; absent on the last.
    static let weirNext = known("Weir-Next")

    private static func known(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is a header name") }
        return name
    }
}
