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
    let builtIns: CatalogueLayer
    let user: CatalogueLayer
    /// Which rows of the server's own catalogues it was read from.
    let stamps: CatalogueStamps
    /// Conversions a user made that are applied without being asked for.
    let hasImplicitUserCasts: Bool
    private let views: Mutex<Views>

    private struct Views {
        /// What has been read of views; `nil`: there is none to read.
        var definitions: [ObjectID: ViewDefinition?]
        var expansions: [ObjectID: ViewExpansion] = [:]
    }

    /// The definitions of views are read when a statement needs them: ``pendingViews`` of its facts.
    init(
        builtIns: CatalogueLayer, user: CatalogueLayer, stamps: CatalogueStamps, serverVersion: Int,
        database: String, definitions: [ObjectID: ViewDefinition?] = [:]
    ) {
        version = Self.lastVersion.withLock {
            $0 += 1
            return $0
        }
        self.builtIns = builtIns
        self.user = user
        self.stamps = stamps
        self.serverVersion = serverVersion
        self.database = database
        views = Mutex(Views(definitions: definitions))
        hasImplicitUserCasts = user.casts.contains {
            $0.isImplicit && $0.function >= Self.firstUserObject
                && !ReviewedExtensions.isHarmless($0.extension)
        }
    }

    /// One that what a transaction alone sees can be told to.
    package convenience init(copying other: Catalogue) {
        self.init(
            builtIns: other.builtIns, user: other.user, stamps: other.stamps,
            serverVersion: other.serverVersion, database: other.database,
            definitions: other.views.withLock { $0.definitions })
    }

    /// Everything given rather than read from a server; a view without a definition cannot be followed.
    package convenience init(
        relations: [Relation], inheritance: [(child: ObjectID, parent: ObjectID)] = [],
        routines: [Routine] = [],
        operators: [Operator] = [], types: [DataType] = [], casts: [Cast] = [],
        schemas: [String] = ["public"],
        database: String = "postgres", serverVersion: Int = 150000, views: [ObjectID: String] = [:]
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
        var definitions: [ObjectID: ViewDefinition?] = [:]
        for relation in relations where relation.isView {
            definitions[relation.oid] = .some(
                views[relation.oid].map { ViewDefinition(text: $0, searchPath: ["public"]) })
        }
        var stamps = CatalogueStamps()
        for oid in user.relations.keys { stamps[oid, in: .relations] = 0 }
        self.init(
            builtIns: builtIns, user: user, stamps: stamps, serverVersion: serverVersion, database: database,
            definitions: definitions)
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

    /// Conversions that run a function of a user's, also where a value is assigned or converted in words. Those that
    /// came with a type are asked for by its name alone.
    var hasUserCasts: Bool {
        user.casts.contains {
            !$0.isMadeWithType && $0.function >= Self.firstUserObject
                && !ReviewedExtensions.isHarmless($0.extension)
        }
    }

    /// Operators have no names that words could be compared with, but characters.
    func hasUserOperator(spelledIn text: [UInt8]) -> Bool {
        user.operatorList.contains {
            $0.function >= Self.firstUserObject && !ReviewedExtensions.isHarmless($0.extension)
                && text.contains(Array($0.name.utf8))
        }
    }

    package func hasSchema(_ name: String) -> Bool {
        user.schemas.contains(name) || builtIns.schemas.contains(name)
    }

    package func type(_ oid: ObjectID) -> DataType? { builtIns.types[oid] ?? user.types[oid] }

    package func type(schema: String, name: String) -> DataType? {
        user.type(schema: schema, name: name) ?? builtIns.type(schema: schema, name: name)
    }

    func arrayType(of element: ObjectID) -> ObjectID? {
        user.arrayType(of: element) ?? builtIns.arrayType(of: element)
    }

    package func routines(named name: String) -> [Routine] {
        builtIns.routines(named: name) + user.routines(named: name)
    }

    package func operators(named name: String) -> [Operator] {
        builtIns.operators(named: name) + user.operators(named: name)
    }

    func casts(to target: ObjectID) -> [Cast] { builtIns.casts(to: target) + user.casts(to: target) }

    func hasImplicitCast(from source: ObjectID, to target: ObjectID) -> Bool {
        builtIns.hasImplicitCast(from: source, to: target) || user.hasImplicitCast(from: source, to: target)
    }

    /// What a view's or materialized view's columns are made of; `nil` when its definition cannot be followed.
    package func lineage(ofView oid: ObjectID) -> [StatementFacts.OutputColumn]? {
        let expansion = expansion(ofView: oid, within: [])
        return expansion.isKnown ? expansion.columns : nil
    }

    /// Takes what was read of the views in `asked`, of which some may be gone.
    package func define(_ definitions: [ObjectID: ViewDefinition], asked: Set<ObjectID>) {
        views.withLock { views in
            for oid in asked.union(definitions.keys) { views.definitions[oid] = .some(definitions[oid]) }
        }
    }

    /// Every relation that reading a view may read, through other views too; `nil` when it has not been read.
    package func relations(ofView oid: ObjectID) -> Set<ObjectID>? {
        var found: Set<ObjectID> = []
        var open = [oid]
        while let view = open.popLast() {
            guard let read = views.withLock({ $0.definitions[view] }), let definition = read else {
                return nil
            }
            for relation in definition.relations where found.insert(relation).inserted {
                guard let read = self.relation(relation) else { return nil }
                if read.isView, !read.isSystem { open.append(relation) }
            }
        }
        return found
    }

    /// What reading a view reads. `open` are the views being expanded, outermost first; one met again is a cycle.
    func expansion(ofView oid: ObjectID, within open: [ObjectID]) -> ViewExpansion {
        let (known, read) = views.withLock { ($0.expansions[oid], $0.definitions[oid]) }
        if let known { return known }
        guard !open.contains(oid), open.count < Self.maximumViewDepth, let relation = relation(oid) else {
            return .unknown
        }
        guard let read else { return ViewExpansion(pending: oid) }
        guard let definition = read else { return .unknown }
        let expansion = ViewExpansion(relation, definition: definition, in: self, within: open + [oid])
        // Within a cycle the answer depends on where it was entered: only the outermost one is kept.
        if expansion.pending.isEmpty, open.isEmpty || expansion.isKnown {
            views.withLock { $0.expansions[oid] = expansion }
        }
        return expansion
    }

    /// Views over views followed. Ours.
    private static let maximumViewDepth = 32
}
