import Synchronization

/// One snapshot of a database's catalogues: what names mean, and what views are made of.
package final class Catalogue: Sendable {
    /// `FirstNormalObjectId` (`transam.h`): objects below come with the server.
    package static let firstUserObject: ObjectID = 16384

    private static let lastVersion = Mutex<UInt64>(0)

    /// Unique to this snapshot within the process; never 0.
    package let version: UInt64
    /// `server_version_num`, for example 150013.
    package let serverVersion: Int
    /// The database's name, as three-part names must give it.
    package let database: String
    /// The schemas that were searched when the view definitions were read: names in them rely on it.
    package let viewSearchPath: [String]
    let builtIns: CatalogueLayer
    let user: CatalogueLayer
    /// Conversions a user made that are applied without being asked for.
    let hasImplicitUserCasts: Bool
    private let arrayTypes: [ObjectID: ObjectID]
    private let castsByTarget: [ObjectID: [Cast]]
    private let implicitCasts: [ObjectID: Set<ObjectID>]
    private let views = Mutex<[ObjectID: ViewExpansion]>([:])

    init(
        builtIns: CatalogueLayer, user: CatalogueLayer, serverVersion: Int, database: String,
        viewSearchPath: [String]
    ) {
        version = Self.lastVersion.withLock {
            $0 += 1
            return $0
        }
        self.builtIns = builtIns
        self.user = user
        self.serverVersion = serverVersion
        self.database = database
        self.viewSearchPath = viewSearchPath
        hasImplicitUserCasts = user.casts.contains {
            $0.isImplicit && $0.function >= Self.firstUserObject
                && !ReviewedExtensions.isHarmless($0.extension)
        }
        var castsByTarget: [ObjectID: [Cast]] = [:]
        var implicit: [ObjectID: Set<ObjectID>] = [:]
        for cast in builtIns.casts + user.casts {
            castsByTarget[cast.target, default: []].append(cast)
            if cast.isImplicit { implicit[cast.source, default: []].insert(cast.target) }
        }
        var arrayTypes: [ObjectID: ObjectID] = [:]
        for types in [builtIns.types, user.types] {
            for type in types.values where type.isArray { arrayTypes[type.underlying] = type.oid }
        }
        self.arrayTypes = arrayTypes
        self.castsByTarget = castsByTarget
        implicitCasts = implicit
    }

    /// Everything given rather than read from a server.
    package convenience init(
        relations: [Relation], inheritance: [(child: ObjectID, parent: ObjectID)] = [],
        routines: [Routine] = [],
        operators: [Operator] = [], types: [DataType] = [], casts: [Cast] = [],
        schemas: [String] = ["public"],
        database: String = "postgres", serverVersion: Int = 150000, viewSearchPath: [String] = ["public"]
    ) {
        var builtIns = CatalogueLayer()
        var user = CatalogueLayer()
        for schema in schemas { user.insert(schema: schema) }
        for schema in ["pg_catalog", "information_schema", "pg_toast"] { builtIns.insert(schema: schema) }
        for relation in relations {
            if relation.oid < Self.firstUserObject {
                builtIns.insert(relation)
            } else {
                user.insert(relation)
            }
        }
        for link in inheritance { user.inherit(link.child, from: link.parent) }
        for routine in routines {
            if routine.oid < Self.firstUserObject { builtIns.insert(routine) } else { user.insert(routine) }
        }
        for `operator` in operators {
            if `operator`.oid < Self.firstUserObject {
                builtIns.insert(`operator`)
            } else {
                user.insert(`operator`)
            }
        }
        for type in types {
            if type.oid < Self.firstUserObject { builtIns.insert(type) } else { user.insert(type) }
        }
        for cast in casts {
            if cast.oid < Self.firstUserObject { builtIns.insert(cast) } else { user.insert(cast) }
        }
        self.init(
            builtIns: builtIns, user: user, serverVersion: serverVersion, database: database,
            viewSearchPath: viewSearchPath)
    }

    /// Whether a name is not the one the database has: its bytes are no UTF-8, and may be those of any name.
    package static func isUnreadable(_ name: String) -> Bool { name.unicodeScalars.contains("\u{FFFD}") }

    package func relation(_ oid: ObjectID) -> Relation? { user.relations[oid] ?? builtIns.relations[oid] }

    package func relation(schema: String, name: String) -> Relation? {
        user.relation(schema: schema, name: name) ?? builtIns.relation(schema: schema, name: name)
    }

    /// The relations users made, in no particular order.
    package var userRelations: some Collection<Relation> { user.relations.values }

    var userTypes: some Collection<DataType> { user.types.values }

    /// Operators a user made, which have no names that words could be compared with.
    var hasUserOperators: Bool {
        user.operatorList.contains { !ReviewedExtensions.isHarmless($0.extension) }
    }

    package func hasSchema(_ name: String) -> Bool {
        user.schemas.contains(name) || builtIns.schemas.contains(name)
    }

    package func type(_ oid: ObjectID) -> DataType? { builtIns.types[oid] ?? user.types[oid] }

    package func type(schema: String, name: String) -> DataType? {
        user.type(schema: schema, name: name) ?? builtIns.type(schema: schema, name: name)
    }

    func arrayType(of element: ObjectID) -> ObjectID? { arrayTypes[element] }

    package func routines(named name: String) -> [Routine] {
        builtIns.routines(named: name) + user.routines(named: name)
    }

    package func operators(named name: String) -> [Operator] {
        builtIns.operators(named: name) + user.operators(named: name)
    }

    func casts(to target: ObjectID) -> [Cast] { castsByTarget[target] ?? [] }

    func hasImplicitCast(from source: ObjectID, to target: ObjectID) -> Bool {
        implicitCasts[source]?.contains(target) ?? false
    }

    /// What a view's or materialized view's columns are made of; `nil` when its definition cannot be followed.
    package func lineage(ofView oid: ObjectID) -> [StatementFacts.OutputColumn]? {
        let expansion = expansion(ofView: oid, within: [])
        return expansion.isKnown ? expansion.columns : nil
    }

    /// What reading a view reads. `open` are the views being expanded, outermost first; one met again is a cycle.
    func expansion(ofView oid: ObjectID, within open: [ObjectID]) -> ViewExpansion {
        if let known = views.withLock({ $0[oid] }) { return known }
        guard !open.contains(oid), open.count < Self.maximumViewDepth, let relation = relation(oid),
            let definition = relation.viewDefinition
        else { return .unknown }
        let expansion = ViewExpansion(relation, definition: definition, in: self, within: open + [oid])
        // Within a cycle the answer depends on where it was entered: only the outermost one is kept.
        if open.isEmpty || expansion.isKnown { views.withLock { $0[oid] = expansion } }
        return expansion
    }

    /// Views over views followed. Ours.
    private static let maximumViewDepth = 32
}
