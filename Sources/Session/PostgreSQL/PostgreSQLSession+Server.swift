import API
package import WireProtocols

/// The gateway's log-in: which server, by which proof, and what is said of those that did not serve.
extension PostgreSQLSession {
    func searchServer() {
        var search = ServerSearch(environment.connection.spec.upstream, seed: origin.id.low)
        let step = search.begin()
        self.search = search
        perform(step)
    }

    private func perform(_ step: ServerSearch.Step) {
        switch step {
        case .resolve(let host):
            output.requests.append(.resolve(host))
        case .connect(let address):
            server = address
            output.requests.append(.connect(address))
        case .giveUp(let failure):
            giveUp(failure)
        }
    }

    /// The addresses of the host asked for by ``SessionRequest/resolve(_:)``; none if its name has none.
    package func addressesFound(_ addresses: [String]) {
        guard !hasEnded, let step = search?.found(addresses) else { return }
        perform(step)
    }

    // MARK: - One server

    /// The connection asked for by ``SessionRequest/connect(_:)`` is open.
    /// `randomness` holds at least 18 unpredictable bytes for the log-in and ``cancelKeyLength`` for the cancel key.
    ///
    /// The database is asked for the protocol that the client speaks: what is between might not know a newer one.
    package func serverConnected(_ login: Login, randomness: [UInt8]) {
        guard let startup, let server, let search, !hasEnded else { return }
        cancelKey = Array(
            randomness.suffix(Self.cancelKeyLength).prefix(startup.version.hasLongCancelKeys ? .max : 4))
        self.login = login.user
        serverHandshake = ServerHandshake(
            ServerHandshake.Options(
                user: login.user, database: database(startup), password: login.password,
                replication: startup.replication, parameters: startup.parameters, version: startup.version,
                tls: server.negotiation,
                minimumMethod: server.tls.channelBinding == .require ? .scramSHA256Plus : .trust,
                usesChannelBinding: server.tls.channelBinding != .disable, attributes: search.attributes),
            randomness: Array(randomness.dropLast(Self.cancelKeyLength)))
        perform(serverHandshake?.start() ?? [], at: 0)
    }

    /// The database the client gets.
    private func database(_ startup: ClientStartup) -> [UInt8] {
        environment.connection.spec.upstream.database.map { Array($0.utf8) } ?? startup.database
    }

    /// Where the session has come to; `nil` before it is anywhere.
    var place: SharedCatalogue.Place? {
        guard let server, let startup else { return nil }
        return SharedCatalogue.Place(
            server: "\(server.address):\(server.host.port)", database: database(startup))
    }

    package func serverTLSStarted(channelBinding: [UInt8]?, applicationProtocol: String?) {
        let actions = serverHandshake?.tlsStarted(
            channelBinding: channelBinding, applicationProtocol: applicationProtocol)
        perform(actions ?? [], at: 0)
    }

    /// There is no connection. `reason` is for the log alone.
    package func serverUnreachable(_ reason: String) {
        passOver(.unreachable, reason)
    }

    /// There is no trusted connection. `reason` is for the log alone.
    package func serverTLSFailed(_ reason: String) {
        serverHandshake = nil
        passOver(.certificateNotAccepted, reason)
    }

    /// The gateway has nothing to log in with. `message` names neither host nor address.
    package func loginUnavailable(_ message: String) {
        refuse(DiagnosticFields(.fatal, sqlState: "08006", message: message))
    }

    func perform(_ actions: [ServerHandshake.Action], at now: Int64) {
        for action in actions {
            switch action {
            case .send(let bytes): output.toServer += bytes
            case .startTLS: output.requests.append(.startServerTLS)
            case .ready(let session): begin(session, at: now)
            case .fail(let error): failed(error)
            }
        }
    }

    private func failed(_ error: ServerHandshakeError) {
        serverHandshake = nil
        switch error {
        case .refusedByServer(let body):
            refused(by: body)
        case .unsuitable:
            output.toServer.appendTerminate()
            passOver(.unsuitable(error), error.reply.message)
        case .tlsNotOffered, .applicationProtocolNotAgreed, .plainBytesBeforeTLS, .unexpectedMessage,
            .malformed, .tooMuch, .versionNotSupported, .closed, .timedOut:
            passOver(.unusable(error), error.reply.message)
        case .passwordMissing, .methodTooWeak, .cleartextWithoutTLS, .methodNotSupported,
            .serverNotAuthenticated, .methodUnavailable:
            refuse(error)
        }
    }

    private func refused(by body: [UInt8]) {
        let report = try? DiagnosticReport(body.span)
        let sqlState = report?[.sqlState].map { String(decoding: body[$0], as: UTF8.self) } ?? ""
        let message = report?[.message].map { String(decoding: body[$0], as: UTF8.self) } ?? ""
        if sqlState == Self.cannotConnectNow { return passOver(.notUp(body), message) }
        output.requests.append(.leaveServer(reason: message))
        if sqlState.isEmpty || sqlState.hasPrefix("28") {
            // Invalid authorization: its text names the gateway's own role, which is none of the client's business (G4).
            refuse(
                DiagnosticFields(
                    .fatal, sqlState: "08004", message: "the database refused the gateway's own log-in"))
        } else {
            refuse(inTheWordsOf: body)
        }
    }

    private func passOver(_ failure: ServerSearch.Failure, _ reason: String) {
        guard !hasEnded, let step = search?.failed(failure) else { return }
        output.requests.append(.leaveServer(reason: reason))
        perform(step)
    }

    // MARK: - None

    private func giveUp(_ failure: ServerSearch.Failure) {
        switch failure {
        case .unreachable:
            refuse(DiagnosticFields(.fatal, sqlState: "08006", message: "database unreachable"))
        case .certificateNotAccepted:
            let message = "the database's TLS certificate or handshake was not acceptable"
            refuse(DiagnosticFields(.fatal, sqlState: "08006", message: message))
        case .unusable(let error), .unsuitable(let error):
            refuse(error)
        case .notUp(let body):
            refuse(inTheWordsOf: body)
        }
    }

    private func refuse(_ error: ServerHandshakeError) {
        let reply = error.reply
        refuse(DiagnosticFields(.fatal, sqlState: reply.sqlState, message: reply.message))
    }

    private func refuse(inTheWordsOf body: [UInt8]) {
        let frame = output.toClient.beginFrame(BackendMessageType.errorResponse)
        output.toClient += body
        output.toClient.endFrame(frame)
        refused("database refused the log-in")
    }

    /// The server is starting up, shutting down or recovering.
    private static let cannotConnectNow = "57P03"
}

extension ServerAddress {
    package var negotiation: ServerHandshake.Options.TLS {
        guard isEncrypted else { return .disabled }
        return switch tls.negotiation {
        case .postgres: .required
        case .direct: .direct
        }
    }
}
