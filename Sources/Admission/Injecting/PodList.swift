import Kubernetes

/// A list of a pod, and what changes it: each change is of the list as those before it have left it.
struct PodList {
    private let json: JSON?
    let place: JSONPointer

    init(_ json: JSON?, at place: JSONPointer) {
        self.json = json
        self.place = place
    }

    /// Its objects; none where it is absent or `null`.
    /// - Throws: for anything else, so that nothing is dropped for being odd.
    func items(_ name: () -> String) throws(InjectionRefusal) -> [JSON] {
        switch json {
        case nil, .null: return []
        case .array(let items):
            guard items.allSatisfy(\.isObject) else { throw .malformed("an item of \(name())") }
            return items
        case .bool, .integer, .number, .string, .object: throw .malformed(name())
        }
    }

    /// Of items by their index, from first to last.
    func removing(_ indices: [Int]) -> [JSONPatch.Operation] {
        indices.reversed().map { .remove(place.appending("\($0)")) }
    }

    func replacing(_ index: Int, with item: JSON) -> JSONPatch.Operation {
        .replace(place.appending("\(index)"), item)
    }

    /// Puts items before all others, in their order.
    func prepending(_ items: [JSON]) -> [JSONPatch.Operation] {
        inserting(items.reversed(), asWhole: items, at: "0")
    }

    func appending(_ items: [JSON]) -> [JSONPatch.Operation] { inserting(items, asWhole: items, at: "-") }

    /// One after the other at the place, or as a list where there is none.
    private func inserting(
        _ items: [JSON], asWhole list: [JSON], at token: String
    ) -> [JSONPatch.Operation] {
        guard json?.array == nil, !items.isEmpty else {
            return items.map { .add(place.appending(token), $0) }
        }
        return [.add(place, .array(list))]
    }
}
