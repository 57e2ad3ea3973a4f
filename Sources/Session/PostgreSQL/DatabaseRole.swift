import Policy
import StatementAnalysis

/// The role the gateway logs in as, as the rows of ``RoleQuestion`` tell of it.
struct DatabaseRole: Equatable, Sendable {
    private(set) var name = ""
    private var attributes: [String] = []
    private var memberships: [String] = []
    private var creatableIn: [String] = []
    private var owned: [Relation] = []
    private var rowCount = 0

    /// Most owned relations named.
    static let namedRelationLimit = 50

    /// Takes one row; one of another shape says nothing.
    mutating func receive(row: [[UInt8]?]) {
        let cells = row.map { $0.map { String(decoding: $0, as: UTF8.self) } }
        guard cells.count == 4, let kind = cells[0].flatMap(RoleQuestion.Subject.init), let name = cells[1]
        else {
            return
        }
        switch kind {
        case .role: self.name = name
        case .attribute: attributes.append(name)
        case .membership: memberships.append(name)
        case .database: creatableIn.append("database \(name)")
        case .schema: creatableIn.append("schema \(name)")
        case .owned:
            rowCount += 1
            guard let relation = cells[2], let column = cells[3] else { return }
            if owned.last?.schema != name || owned.last?.name != relation {
                // Any number serves: the relations are looked at by their names.
                owned.append(
                    Relation(
                        oid: ObjectID(owned.count) + Catalogue.firstUserObject, schema: name, name: relation))
            }
            let number = Int16(clamping: owned[owned.count - 1].columns.count + 1)
            owned[owned.count - 1].columns.append(Relation.Column(number: number, name: column, type: 0))
        }
    }

    /// What it may do beyond what a gateway under that policy needs, as phrases in a fixed order.
    func excessPrivileges(under policy: ConnectionPolicy, allowsReplication: Bool) -> [String] {
        let catalogue = Catalogue(relations: owned)
        let governed = policy.relationsGoverned(in: catalogue).compactMap { catalogue.relation($0) }
            .map { "owner of \($0.schema).\($0.name)" }.sorted()
        var phrases = attributes.filter { $0 != "REPLICATION" || !allowsReplication }
        phrases += memberships.sorted().map { "member of \($0)" }
        phrases += creatableIn.sorted().map { "CREATE in \($0)" }
        phrases += governed.prefix(Self.namedRelationLimit)
        if governed.count > Self.namedRelationLimit {
            phrases.append("owner of \(governed.count - Self.namedRelationLimit) more governed relations")
        }
        if rowCount >= RoleQuestion.ownedColumnLimit {
            phrases.append("owner of more relations than are looked at")
        }
        return phrases
    }
}
