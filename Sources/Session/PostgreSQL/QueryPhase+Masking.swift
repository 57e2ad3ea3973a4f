import API
import Masking
import Policy
import StatementAnalysis
import WireProtocols

/// How a result's rows reach the client.
extension QueryPhase {
    /// Settles the rows that follow from their description. A second description for one statement, as a rule's
    /// own query gives, belongs to a result nothing is known of.
    func settle(_ execution: Execution, _ fields: [ColumnType], formats: [Format]? = nil) {
        let scope = currentScope()
        guard !scope.masksNothing else {
            execution.rows = .unchanged
            return
        }
        let statement = execution.hasResult ? nil : execution.statement
        execution.hasResult = true
        let ground = SettledRows.Ground(
            scope: scope.number, fields: fields, formats: formats, encoding: settings.valueEncoding)
        if let settled = statement?.settled, settled.ground == ground {
            execution.rows = settled.rows
            return
        }
        let masks = masks(statement?.permit?.result ?? .wholly(Self.unattributed), fields, scope.governance)
        execution.rows = rows(masks, fields, formats, of: execution)
        // What counts the identifiers it finds belongs to one execution.
        let countsFindings = masks.contains { !($0?.detections.isEmpty ?? true) }
        if !countsFindings { statement?.settled = SettledRows(ground: ground, rows: execution.rows) }
    }

    private func rows(
        _ masks: [ColumnMask?], _ fields: [ColumnType], _ formats: [Format]?, of execution: Execution
    ) -> Execution.Rows {
        guard masks.contains(where: { $0 != nil }) else { return .unchanged }
        let maskers = fields.enumerated().map { index, field in
            masks[index].flatMap { mask in
                masker(
                    mask, type: field.type, typeModifier: field.typeModifier,
                    isBinary: (formats?.applied(to: index) ?? field.format) == .binary,
                    encoding: settings.valueEncoding, of: execution)
            }
        }
        return .masked(RowMasker(columns: maskers))
    }

    /// `nil` where identifiers are looked for in a type whose values hold none.
    private func masker(
        _ mask: ColumnMask, type: UInt32, typeModifier: Int32 = -1, isBinary: Bool, encoding: TextEncoding,
        of execution: Execution
    ) -> ColumnMasker? {
        guard !mask.detections.isEmpty else {
            return ColumnMasker(
                action: mask.action, type: type, typeModifier: typeModifier, isBinary: isBinary,
                keys: environment.keys, encoding: encoding)
        }
        let actions = Dictionary(uniqueKeysWithValues: mask.detections.map { ($0.kind, $0.action) })
        let column = mask.column.split(separator: ".").last.map(String.init) ?? ""
        return ColumnMasker(
            IdentifierSearch(actions: actions, column: column, tally: execution.tally), type: type,
            typeModifier: typeModifier, isBinary: isBinary, keys: environment.keys, encoding: encoding)
    }

    /// Settles the rows of a portal, whose columns a `Describe` has told before.
    func settle(_ execution: Execution) throws(WireError) {
        guard let portal = execution.portal,
            let fields = portal.fields ?? portal.prepared.fields(in: scope(under: portal.context))
        else {
            guard currentScope().masksNothing || !execution.plan.needsDescription else {
                throw .unknownMessageType(BackendMessageType.dataRow.rawValue)
            }
            execution.rows = .unchanged
            return
        }
        settle(execution, fields, formats: portal.formats)
    }

    private static let unattributed = ColumnMask(action: .redact, rule: "gateway/unattributed", column: "*")

    /// The mask of each column: the decision's, and where the server itself names a governed base column, that
    /// column's; the two differ only when the catalogue is behind.
    private func masks(_ result: Permit.Result, _ fields: [ColumnType], _ governance: Governance)
        -> [ColumnMask?]
    {
        let named = fields.map { field in
            field.table == 0
                ? nil : governance.mask(of: ColumnID(relation: field.table, attribute: field.attribute))
        }
        switch result {
        case .unchanged:
            return named
        case .masked(let columns) where columns.count == fields.count:
            return zip(columns, named).map { Self.stricter($0, $1) }
        case .wholly(let mask):
            return named.map { Self.stricter(mask, $0) }
        case .masked:
            return fields.map { _ in Self.unattributed }
        }
    }

    /// A mask of the whole value before one of what is within; of two such the decision's.
    private static func stricter(_ decided: ColumnMask?, _ named: ColumnMask?) -> ColumnMask? {
        guard let decided, let named else { return decided ?? named }
        return !decided.detections.isEmpty && named.detections.isEmpty ? named : decided
    }

    func mask(row body: Span<UInt8>, of execution: Execution) throws(WireError) {
        guard case .masked(let masker) = execution.rows else {
            throw .unknownMessageType(BackendMessageType.dataRow.rawValue)
        }
        execution.rowCount += 1
        execution.bytesOut += UInt64(body.count)
        do {
            try masker.appendDataRow(body: body, to: &replacement)
        } catch {
            throw .valueOutOfRange(body.count)
        }
    }

    // MARK: - COPY

    /// Of the texts in COPY data: the option does not reach those of the binary format.
    private func encoding(of copy: StatementFacts.Copy) -> TextEncoding {
        guard copy.format != .binary, let name = copy.encoding else { return settings.clientEncoding }
        return TextEncoding(named: name)
    }

    /// Whether the data's fields can be told apart, and NULL from a value.
    func canMaskCopy(_ statement: PlannedStatement) -> Bool {
        guard let copy = statement.facts.copy, copy.direction == .toClient, copy.format != .binary,
            let permit = statement.permit, permit.result != .unchanged
        else { return true }
        switch encoding(of: copy).kind {
        case .utf8: return true
        case .embedsASCII, .unknown: return false
        case .bytes, .singleByte, .multiByte: return TextEncoding.isASCII(copy.null.span)
        }
    }

    func settleCopyOut(_ execution: Execution) throws(WireError) {
        let scope = currentScope()
        guard !scope.masksNothing, let statement = execution.statement,
            statement.permit?.result != .unchanged
        else {
            execution.copyOut = .unchanged
            return
        }
        guard let copy = statement.facts.copy, let permit = statement.permit,
            case .columns(let columns) = statement.facts.result
        else { throw .unknownMessageType(BackendMessageType.copyOutResponse.rawValue) }
        let masks: [ColumnMask?]
        switch permit.result {
        case .unchanged: masks = []
        case .masked(let columnMasks): masks = columnMasks
        case .wholly(let mask): masks = columns.map { _ in mask }
        }
        let maskers = zip(columns, masks).map { column, mask in
            mask.flatMap { mask in
                masker(
                    mask, type: column.origin.flatMap { scope.catalogue.type(of: $0) } ?? 0,
                    isBinary: copy.format == .binary,
                    encoding: settings.valueEncoding(of: encoding(of: copy)), of: execution)
            }
        }
        do {
            execution.copyOut = .masked(try CopyMasker(format: CopyMasker.Format(copy), columns: maskers))
        } catch {
            throw .valueOutOfRange(maskers.count)
        }
    }

    func mask(copyData body: Span<UInt8>, of execution: Execution) throws(WireError) -> Disposition {
        guard case .masked(var masker) = execution.copyOut else {
            throw .unknownMessageType(BackendMessageType.copyData.rawValue)
        }
        execution.copyOut = .none
        execution.bytesOut += UInt64(body.count)
        let frame = replacement.beginFrame(BackendMessageType.copyData)
        do {
            try masker.append(body, to: &replacement)
        } catch {
            throw .valueOutOfRange(body.count)
        }
        replacement.endFrame(frame)
        execution.copyOut = .masked(masker)
        return .replace
    }

    func finishCopyOut(_ execution: Execution) throws(WireError) {
        guard case .masked(let masker) = execution.copyOut else { return }
        do {
            try masker.finish()
        } catch {
            throw .truncated
        }
    }
}

extension CopyMasker.Format {
    fileprivate init(_ copy: StatementFacts.Copy) {
        switch copy.format {
        case .text:
            self = .text(delimiter: copy.delimiter, null: copy.null, hasHeader: copy.hasHeader)
        case .csv:
            self = .csv(
                delimiter: copy.delimiter, quote: copy.quote, escape: copy.escape, null: copy.null,
                hasHeader: copy.hasHeader)
        case .binary:
            self = .binary
        }
    }
}

extension Catalogue {
    /// Before any has been read.
    static let empty = Catalogue(relations: [])

    fileprivate func type(of column: ColumnID) -> ObjectID? {
        relation(column.relation)?.columns.first { $0.number == column.attribute }?.type
    }
}
