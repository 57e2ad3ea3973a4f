import API
import Cryptography
import StatementAnalysis

/// What an approval is about: all that makes a statement do what it does, for whom, and where.
///
/// An approval holds for a statement with the same digest alone. Texts and names are counted before they are hashed, so
/// that none runs into the next.
struct ApprovalBinding {
    /// Of a statement, as it was sent.
    struct Text {
        var bytes: [UInt8]
        /// In which way it is read.
        var encoding: String
        var hasStandardStrings: Bool
        /// Of its parameters, as `Parse` declares them: four bytes each.
        var parameterTypes: [UInt8]
    }

    /// The client's, and what it has prepared and names.
    var texts: [Text]
    /// The `Bind` message without its names: formats and values; empty without one.
    var parameters: [UInt8]
    var relations: [ObjectID]
    var functions: [ObjectID]
    var context: SessionContext
    /// What relations, functions and settings are: a ``StatementGround``.
    var ground: String
    /// Settings that the client gave when it began, and that nobody has defined.
    var startup: [UInt8]
    /// In which parameters come.
    var encoding: String
    var database: String
    var connection: String
    var requester: ApprovalRequester
    /// Of a statement that waits where it is; `nil` where it may be sent again in another session.
    var session: SessionID?
    var rule: ApprovalRequest.RuleReference
    /// All that an approval allows, as the rule has it.
    var allowance: String

    /// 32 bytes.
    var digest: [UInt8] {
        var context = SHA256Context()
        func add(_ bytes: some Collection<UInt8>) {
            context.update(Array("\(bytes.count):".utf8))
            context.update(Array(bytes))
        }
        func add(all texts: [String]) {
            add(String(texts.count).utf8)
            for text in texts { add(text.utf8) }
        }
        add("weir approval 4".utf8)
        add(String(texts.count).utf8)
        for text in texts {
            add(text.bytes)
            add(all: [text.encoding, "\(text.hasStandardStrings)"])
            add(text.parameterTypes)
        }
        add(parameters)
        add(all: relations.map { String($0) })
        add(all: functions.map { String($0) })
        add(all: self.context.searchPath)
        add(self.context.currentUser.utf8)
        add(ground.utf8)
        add(startup)
        add(encoding.utf8)
        add(database.utf8)
        add(connection.utf8)
        add(requester.subject.name.utf8)
        add(all: requester.subject.groups.sorted())
        add(requester.subject.proof.rawValue.utf8)
        add(requester.through.utf8)
        add((session?.description ?? "").utf8)
        add(rule.namespace.utf8)
        add(rule.name.utf8)
        add(allowance.utf8)
        return context.finish()
    }
}
