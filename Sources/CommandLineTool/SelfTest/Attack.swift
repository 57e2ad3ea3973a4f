import ArgumentParser

/// A way around a mask or a rule: statements, each sent on its own, and what must not come of them.
struct Attack {
    enum Goal {
        /// A governed value comes back, in whatever form.
        case value
        /// The last statement is answered, and its answer tells of a value without showing it.
        case answer
        /// The administrator then sees what is forbidden: a query and what it must not give.
        case damage(query: String, result: String)
    }

    /// What it gets at, and how.
    enum Class: String, CaseIterable, ExpressibleByArgument {
        case names, shapes, channels, storing, code, state, questions, destruction
    }

    let `class`: Class
    /// Unique; names the attack in reports.
    let name: String
    let statements: [String]
    let goal: Goal
    /// The scratch schema has to be made anew after it.
    let changesData: Bool

    static func value(_ class: Class, _ name: String, _ statements: String..., changes: Bool = false) -> Self
    {
        Self(class: `class`, name: name, statements: statements, goal: .value, changesData: changes)
    }

    static func answer(_ name: String, _ statements: String..., changes: Bool = false) -> Self {
        Self(class: .questions, name: name, statements: statements, goal: .answer, changesData: changes)
    }

    /// Empties the table of people, unless told otherwise.
    static func damage(
        _ name: String, _ statements: String...,
        sees: (query: String, result: String) = ("SELECT pg_catalog.count(*) FROM ONLY people", "0")
    ) -> Self {
        Self(
            class: .destruction, name: name, statements: statements,
            goal: .damage(query: sees.query, result: sees.result), changesData: true)
    }

    /// No attack at all, but a question anybody asks.
    static let plain = value(.names, "the column as it is", "SELECT fullname, taxid FROM people")

    /// All that are shipped.
    static let all = names + shapes + channels + storing + code + state + questions + destruction
}
