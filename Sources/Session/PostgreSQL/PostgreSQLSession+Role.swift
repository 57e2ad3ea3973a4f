import API
import WireProtocols

/// What the database role of the gateway may do, found out before the session begins.
extension PostgreSQLSession {
    /// How long what was found counts, in microseconds.
    static let roleFreshness: Int64 = 60_000_000

    /// Asks where it is not known well enough.
    /// - Returns: whether the session has to wait for the answer.
    func mustReadRole(_ session: ServerSession, at now: Int64) -> Bool {
        guard let place, startup?.replication == nil else { return false }
        let known = environment.catalogue(at: place).role
        if let known, known.login == login, known.generation == environment.generation,
            now - known.readAt < Self.roleFreshness
        {
            return false
        }
        let reading = DatabaseRoleReading()
        output.toServer += reading.question
        roleReading = (session, reading)
        return true
    }

    /// Takes bytes of the answer.
    func receiveRole(_ bytes: Span<UInt8>, at now: Int64) {
        guard var (session, reading) = roleReading else { return }
        do {
            let result = try reading.receive(bytes)
            roleReading = (session, reading)
            guard let result, let place else { return }
            roleReading = nil
            session.messages += reading.messages
            note(result, of: environment.catalogue(at: place), at: now)
            open(session, at: now)
        } catch {
            roleReading = nil
            refuse(
                DiagnosticFields(
                    .fatal, sqlState: error.reply.sqlState, message: "database does not keep to the protocol")
            )
        }
    }

    /// Tells what is found for the first time, and each change of it.
    private func note(_ result: DatabaseRoleReading.Result, of shared: SharedCatalogue, at now: Int64) {
        let connection = environment.connection
        switch result {
        case .unreadable(let sqlState):
            output.requests.append(.warnRoleUnreadable(sqlState: sqlState))
            shared.role = nil
        case .role(let role):
            let read = DatabaseRoleRead(
                connection: connection.metadata.qualifiedName,
                database: place.map { String(decoding: $0.database, as: UTF8.self) } ?? "", role: role.name,
                excessPrivileges: role.excessPrivileges(
                    under: environment.policy,
                    allowsReplication: connection.spec.session.replication == .allow))
            if shared.role?.read != read {
                output.records.append(AuditEvent(session: .gateway, body: .databaseRole(read)))
                if !read.excessPrivileges.isEmpty || shared.role != nil {
                    output.requests.append(.tellRole(read))
                }
            }
            shared.role = SharedCatalogue.Role(
                login: login, generation: environment.generation, read: read, readAt: now)
        }
    }

    /// Why there may be no session with the role as it is; a session of replication has one that may replicate.
    var roleRefusal: String? {
        guard environment.connection.spec.upstream.role.excessPrivileges == .refuse, let place else {
            return nil
        }
        let isReplication = startup?.replication != nil
        guard let read = environment.catalogue(at: place).role?.read, !isReplication else {
            return "the privileges of the gateway's database role are not known"
        }
        return read.excessPrivileges.isEmpty
            ? nil : "the gateway's database role has privileges that the connection does not allow"
    }
}
