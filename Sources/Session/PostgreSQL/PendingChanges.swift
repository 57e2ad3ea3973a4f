/// What names mean while it is not known yet whether the messages that change it have succeeded.
///
/// A change is assumed when it is sent on. The server carries out all of a batch up to the message that fails, and
/// nothing of the rest before the next `Sync`; what comes after that `Sync` meets the names as they were left.
extension ExpectedQueue {
    /// Whether the name's last change may turn out not to have happened, and what is sent now be carried out all the
    /// same: it has not been answered, and a `Sync` has been sent since.
    func isUncertain(_ object: Expected.Undo.Object) -> Bool {
        guard changeCount > 0 else { return false }
        var isSynced = false
        for entry in entries[head...].reversed() {
            switch entry {
            case .sync: isSynced = true
            case .refusal(let refusal): isSynced = isSynced || refusal.isSynced
            case .parse(let undo) where undo.object == object, .bind(let undo) where undo.object == object,
                .close(let undo) where undo.object == object:
                return isSynced
            default: break
            }
        }
        return false
    }

    /// What the name meant before is what its next change replaces, if there is one that has been sent already.
    /// - Returns: `false` when there is none: the name means that now.
    mutating func handDown(_ undo: Expected.Undo) -> Bool {
        guard changeCount > 0,
            let next = entries[head...].firstIndex(where: { $0.undo?.object == undo.object })
        else { return false }
        replace(at: next, by: undo)
        return true
    }

    /// The transaction has ended, and its portals with it.
    /// - Returns: the names of those that were bound, or closed, by what has not been answered yet.
    mutating func endPortals() -> [[UInt8]] {
        guard changeCount > 0 else { return [] }
        var names: [[UInt8]] = []
        for index in entries.indices[head...] {
            guard case .portal(let name, _)? = entries[index].undo, !names.contains(name) else { continue }
            replace(at: index, by: .portal(name: name, previous: nil))
            names.append(name)
        }
        return names
    }
}

extension Expected.Undo {
    /// What is named.
    enum Object: Equatable {
        case statement([UInt8])
        case portal([UInt8])
    }

    var object: Object {
        switch self {
        case .statement(let name, _): .statement(name)
        case .portal(let name, _): .portal(name)
        }
    }
}
