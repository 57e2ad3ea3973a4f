import Masking
import StatementAnalysis

/// What the session knows to be out of date, and the questions it is asking.
struct LookupState {
    enum Question: Equatable {
        /// Search path, role and temporary schema.
        case context
        /// Whether the shared catalogue is still the database's, and what differs.
        case catalogue
        /// What some views are made of.
        case views(Set<ObjectID>)
        /// Whose transactions the session sees.
        case view
        /// Nothing, once nobody else is changing some relations.
        case others(Set<ObjectID>)
        /// Whether some relations are still as the catalogue has them.
        case confirmation(Set<ObjectID>)
        /// Whether the names of some tables still mean them alone.
        case names(Set<ObjectID>)
        /// What a statement stands on besides its text.
        case ground(StatementGround)
        /// How many rows a statement is expected to touch.
        case estimate(Explained)
        /// What a statement is in UTF-8.
        case conversion(SentText, by: [TextEncoding])
    }

    /// One statement of a question.
    struct Query {
        var question: Question
        /// Its place among the question's statements.
        var index: Int
    }

    /// Search path or role may have changed since they were last asked for.
    var contextIsDirty = true
    /// The session itself may have changed the catalogue.
    var catalogueIsDirty = false
    /// That was all in transactions that are over, so that another session may have read it since.
    var isChangeOver = false
    /// Changes made in a transaction that may still be rolled back.
    var contextMayRevert = false
    var catalogueMayRevert = false
    var mayRevert: Bool { contextMayRevert || catalogueMayRevert }
    /// Code has run in this transaction that may have changed the catalogue unseen.
    var hasRunHiddenCode = false
    /// When the session last asked for the catalogue: in microseconds since 1970, and in the order of changes to it.
    var checkedAt: Int64 = 0
    var asked = SharedCatalogue.Moment()
    /// The message that waits has had its catalogue read afresh.
    var hasReadCatalogue = false
    /// Whose transactions the session sees, as the message that waits had it asked.
    var view: CatalogueConfirmation.View?
    /// Times that what the message reads was found to be another.
    var confirmationCount = 0
    /// Times the database has refused to answer for the message that waits.
    var refusalCount = 0
    /// How many rows the message that waits is expected to touch.
    var estimate = Estimate.unasked
    /// Why the waiting message cannot be judged.
    var failure: Diagnosis?

    /// Being asked, in order; the first is being answered.
    var queries: [Query] = []
    /// How many of the two closes that end a query have been answered.
    var closeCount = 0
    /// A question that failed may have left its statement prepared.
    var mayBePrepared = false
    var isClosingLeftover = false
    var isSynced = false
    var reader: CatalogueReader?
    var viewReader: ViewReader?
    var confirmation: CatalogueConfirmation?
    var names: NameConfirmation?
    /// What the message that waits for approval stands on.
    var ground: StatementGround?
    /// As far as it has been answered; `nil` when it has not been asked for.
    var context: SessionContext?
    /// Of the transaction in which the last question was answered.
    var isolation = ""

    /// The message that may have waited for answers has been dealt with.
    mutating func messageIsDone() {
        hasReadCatalogue = false
        if view != nil { view = nil }
        if confirmation != nil { confirmation = nil }
        if names != nil { names = nil }
        if ground != nil { ground = nil }
        confirmationCount = 0
        if estimate != .unasked { estimate = .unasked }
        if failure != nil { failure = nil }
        refusalCount = 0
    }

    mutating func forgetQuestions() {
        reader = nil
        viewReader = nil
        confirmation = nil
        names = nil
        ground = nil
        context = nil
        queries.removeAll()
    }
}
