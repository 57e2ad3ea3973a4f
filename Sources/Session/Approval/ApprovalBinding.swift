import API
import Cryptography
import StatementAnalysis

/// What an approval is about: all that makes a statement do what it does, for whom, and where.
///
/// An approval holds for a statement with the same digest alone. Texts and names are counted before they are hashed, so
/// that none runs into the next.
struct ApprovalBinding {
    /// As they were sent: the client's, and what it has prepared and names.
    var texts: [[UInt8]]
    /// The `Bind` message without its names: formats and values; empty without one.
    var parameters: [UInt8]
    var relations: [ObjectID]
    var functions: [ObjectID]
    var context: SessionContext
    /// In which way the texts are read.
    var encoding: String
    var hasStandardStrings: Bool
    var database: String
    var connection: String
    var requester: ApprovalRequester
    /// Of a statement that waits where it is; `nil` where it may be sent again in another session.
    var session: SessionID?
    var rule: ApprovalRequest.RuleReference
    var grant: ApprovalRule.Grant

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
        add("weir approval 1".utf8)
        add(String(texts.count).utf8)
        for text in texts { add(text) }
        add(parameters)
        add(all: relations.map { String($0) })
        add(all: functions.map { String($0) })
        add(all: self.context.searchPath)
        add(self.context.currentUser.utf8)
        add(all: [encoding, "\(hasStandardStrings)"])
        add(database.utf8)
        add(connection.utf8)
        add(requester.subject.name.utf8)
        add(all: requester.subject.groups.sorted())
        add(requester.subject.proof.rawValue.utf8)
        add(requester.through.utf8)
        add((session?.description ?? "").utf8)
        add(rule.namespace.utf8)
        add(rule.name.utf8)
        add(grant.type.rawValue.utf8)
        add("\(grant.duration)".utf8)
        return context.finish()
    }
}
