import Masking
import StatementAnalysis
import WireProtocols

/// The gateway's own questions to the database, asked on the session's connection so that they see what its
/// transaction sees. Named statements keep the client's unnamed one; `Flush` instead of `Sync` keeps its pipeline.
extension QueryPhase {
    /// One row for each schema of the search path, or one without.
    private static let contextQuery = """
        SELECT current_user, (SELECT nspname FROM pg_catalog.pg_namespace \
        WHERE oid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()), \
        pg_catalog.current_setting('client_encoding'), pg_catalog.current_setting('standard_conforming_strings'), \
        p.schema FROM (VALUES (1)) AS v LEFT JOIN pg_catalog.unnest(pg_catalog.current_schemas(false)) \
        WITH ORDINALITY AS p (schema, position) ON true ORDER BY p.position
        """
    static let contextColumnCount = 5

    func ask(_ questions: [LookupState.Question]) {
        pause = .lookup
        lookup.queries.removeAll()
        lookup.closeCount = 0
        let name = Array("weir \(id)".utf8)
        if lookup.mayBePrepared { Close.write(.statement, name, to: &output.toServer) }
        lookup.isClosingLeftover = lookup.mayBePrepared
        lookup.mayBePrepared = false
        for question in questions {
            for (index, query) in queries(question).enumerated() {
                lookup.queries.append(LookupState.Query(question: question, index: index))
                if let explained = query.explained {
                    explained.write(as: name, to: &output.toServer)
                } else {
                    Parse.write(
                        statement: name, text: query.text.utf8,
                        parameterTypes: query.parameter == nil ? [] : [Self.byteaType], to: &output.toServer)
                    Bind.write(
                        portal: name, statement: name, parameterFormats: [.binary],
                        parameters: query.parameter.map { [$0] } ?? [],
                        resultFormats: query.isBinary ? [.binary] : [], to: &output.toServer)
                }
                Execute.write(portal: name, to: &output.toServer)
                Close.write(.portal, name, to: &output.toServer)
                Close.write(.statement, name, to: &output.toServer)
            }
        }
        lookup.isSynced = !isUnsynced
        if isUnsynced { output.toServer.appendFlush() } else { output.toServer.appendSync() }
        expected.append(.lookup)
    }

    private struct QueryText {
        var text: String
        var parameter: [UInt8]?
        /// The cells are `bytea` in binary.
        var isBinary = false
        /// It stands in place of the text.
        var explained: LookupState.Explained?
    }

    private static let byteaType: UInt32 = 17

    private func queries(_ question: LookupState.Question) -> [QueryText] {
        switch question {
        case .context:
            lookup.context = nil
            return [readable(Self.contextQuery, columnCount: Self.contextColumnCount)]
        case .catalogue:
            if lookup.reader == nil { lookup.asked = sharedCatalogue.ask() }
            let reader = lookup.reader ?? CatalogueReader(basedOn: sharedCatalogue.catalogue)
            lookup.reader = reader
            return reader.queries.map { readable($0.text, columnCount: $0.columnCount) }
        case .views(let views):
            let reader = ViewReader(views)
            lookup.viewReader = reader
            return [readable(reader.query, columnCount: ViewReader.columnCount)]
        case .view:
            lookup.view = nil
            return [
                readable(CatalogueConfirmation.viewQuery, columnCount: CatalogueConfirmation.viewColumnCount)
            ]
        case .others(let relations):
            return [readable(CatalogueConfirmation(relations).waitingQuery, columnCount: 1)]
        case .confirmation(let relations):
            let confirmation = CatalogueConfirmation(relations)
            lookup.confirmation = confirmation
            return [readable(confirmation.query, columnCount: CatalogueConfirmation.columnCount)]
        case .names(let relations):
            let names = NameConfirmation(relations)
            lookup.names = names
            return [readable(names.query, columnCount: NameConfirmation.columnCount)]
        case .ground(let ground):
            lookup.ground = ground
            return [readable(ground.query, columnCount: StatementGround.columnCount)]
        case .estimate(let statement):
            return [QueryText(text: "", explained: statement)]
        case .conversion(let sent, let steps):
            let text = zip(steps, steps.dropFirst()).reduce("$1") { inner, step in
                "pg_catalog.convert(\(inner), '\(step.0.name)', '\(step.1.name)')"
            }
            return [QueryText(text: "SELECT " + text, parameter: sent.bytes, isBinary: true)]
        }
    }

    /// Has the cells come as the UTF-8 of what the database keeps, whatever the client's encoding. A database without
    /// an encoding gives its bytes.
    private func readable(_ text: String, columnCount: Int) -> QueryText {
        let server = settings.serverEncoding
        if settings.clientEncoding.kind == .utf8, server.kind != .bytes, !areSettingsUncertain {
            return QueryText(text: text)
        }
        let target = server.kind == .bytes ? server.name : TextEncoding.utf8.name
        let columns = (1...columnCount).map { "c\($0)" }
        let cells = columns.map { "pg_catalog.convert_to(q.\($0)::pg_catalog.text, '\(target)')" }
        return QueryText(
            text:
                "SELECT \(cells.joined(separator: ", ")) FROM (\(text)) AS q (\(columns.joined(separator: ", ")))",
            isBinary: true)
    }
}
