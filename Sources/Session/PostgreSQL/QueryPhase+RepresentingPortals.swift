import API
import StatementAnalysis
import WireProtocols

/// Whom portals act for: as it is when they run, and by the parameters they were bound with.
extension QueryPhase {
    /// What a portal's statement will assign, with the parameters of its `Bind`.
    /// - Returns: also the parameters to be sent on in place of tokens, by their index.
    func changes(
        by prepared: Prepared, _ bind: Bind, _ body: Span<UInt8>
    ) -> Answer<(changes: [Representation.Change], names: [Int: [UInt8]])> {
        var changes: [Representation.Change] = []
        var names: [Int: [UInt8]] = [:]
        func value(_ number: Int) -> [UInt8]?? {
            guard number > 0, number <= bind.parameters.count else { return nil }
            return .some(bind.parameters[number - 1].map { body.copy($0) })
        }
        for assignment in prepared.assignments {
            if let parameter = assignment.nameParameter {
                guard let name = value(parameter) ?? nil,
                    String(decoding: name, as: UTF8.self).lowercased() == OnBehalfOf.setting
                else { continue }
                guard assignment.isAlone else { return .refused(.onBehalfOfUnclear) }
            }
            var change = Representation.Change(value: .initial, isLocal: true)
            switch assignment.isLocal {
            case .constant(let isLocal): change.isLocal = isLocal
            case .unknown: return .refused(.onBehalfOfUnclear)
            case .parameter(let number):
                guard let flag = (value(number) ?? nil).flatMap(Self.flag) else {
                    return .refused(.onBehalfOfUnclear)
                }
                change.isLocal = flag
            }
            switch assignment.value {
            case .change(let value): change.value = value
            case .parameter(let number):
                guard let token = value(number) else { continue }  // the server says that it is missing
                guard let token else { break }
                switch person(by: token) {
                case .waits: return .waits
                case .refused(let diagnosis): return .refused(diagnosis)
                case .known(let person):
                    change.value = .person(person)
                    if let person { names[number - 1] = Array(person.subject.name.utf8) }
                }
            }
            changes.append(change)
        }
        return .known((changes, names))
    }

    /// A truth value in either format, as drivers write it.
    private static func flag(_ value: [UInt8]) -> Bool? {
        switch String(decoding: value, as: UTF8.self) {
        case "t", "true", "TRUE", "on", "1", "\u{1}": true
        case "f", "false", "FALSE", "off", "0", "\0": false
        default: nil
        }
    }

    /// Sets ``person`` for the statement of a portal that is to run.
    func act(by portal: Portal) -> Answer<Void> {
        guard representation.isInUse || !portal.changes.isEmpty else { return .known(()) }
        guard let plan = judge(portal.prepared, in: scope(under: portal.context)) else { return .waits }
        switch people(of: plan, [portal.changes]) {
        case .waits: return .waits
        case .refused(let diagnosis): return .refused(diagnosis)
        case .known(let acting):
            person = acting
            return .known(())
        }
    }
}
