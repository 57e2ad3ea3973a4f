/// Which rows of the server's own catalogues a snapshot was read from, object by object.
///
/// A row's `xmin` is another one whenever the row is. An object's stamp is a sum over the rows that tell of it; so two
/// snapshots with the same stamps tell the same, as far as transactions are concerned that have been committed.
struct CatalogueStamps: Sendable {
    /// What objects are read as: an object of one part tells of nothing that another part's rows say.
    enum Part: Int, CaseIterable, Sendable {
        case schemas, relations, types, routines, operators, casts
    }

    /// One group of a part's objects, summed up apart from the others.
    typealias Slot = Int

    /// Groups of each part; objects made together tend to be of one group.
    static let slotsPerPart = 16
    static let slotCount = Part.allCases.count * slotsPerPart

    /// As ``CatalogueOverview/query(since:listing:)`` has the server group them.
    static func slot(of object: ObjectID, in part: Part) -> Slot {
        part.rawValue * slotsPerPart + Int(object >> 6) % slotsPerPart
    }

    static func part(of slot: Slot) -> Part? { slot < 0 ? nil : Part(rawValue: slot / slotsPerPart) }

    /// By slot.
    private var objects: [[ObjectID: Int128]]
    private var sums: [Int128]
    /// Rows that were not committed when the snapshot was taken have this `xmin` or, as transactions count, a later one.
    var horizon: UInt32 = 0

    init() {
        objects = Array(repeating: [:], count: Self.slotCount)
        sums = Array(repeating: 0, count: Self.slotCount)
    }

    func sum(of slot: Slot) -> Int128 { sums[slot] }

    func sum(of part: Part) -> Int128 {
        let first = part.rawValue * Self.slotsPerPart
        return sums[first..<first + Self.slotsPerPart].reduce(0, &+)
    }

    func objects(in slot: Slot) -> some Collection<ObjectID> { objects[slot].keys }

    subscript(_ object: ObjectID, in part: Part) -> Int128? {
        get { objects[Self.slot(of: object, in: part)][object] }
        set {
            let slot = Self.slot(of: object, in: part)
            sums[slot] &+= (newValue ?? 0) &- (objects[slot][object] ?? 0)
            objects[slot][object] = newValue
        }
    }
}
