extension DatabaseConnection {
    /// What a session may be and how long; `nil` is no limit.
    package struct Session: Sendable, Equatable {
        /// Without a statement, outside of a transaction.
        package var idleTimeout: Duration?
        /// Without a statement, in a transaction.
        package var idleInTransactionTimeout: Duration?
        /// From its log-in; it ends when it is next outside of a transaction.
        package var maximumDuration: Duration?
        package var replication: Replication
        package var unparsedStatements: UnparsedStatements
        /// Rows that a statement of a masked subject may make with `generate_series` and the like.
        package var generatedRows: Int?
        package var cartesianProducts: CartesianProducts
        package var freeTables: FreeTables

        package init(reading fields: inout MappingReader) {
            let range = Duration.zero ... .seconds(30 * 86_400)
            func limit(_ name: String) -> Duration? {
                let value = fields.duration(name, in: range, default: .zero)
                return value == .zero ? nil : value
            }
            idleTimeout = limit("idleTimeout")
            idleInTransactionTimeout = limit("idleInTransactionTimeout")
            maximumDuration = limit("maximumDuration")
            replication = fields.choice("replication", default: .refuse)
            unparsedStatements = fields.choice("unparsedStatements", default: .refuse)
            let rows = fields.integer("generatedRows", in: 0...(1 << 50), default: 100_000)
            generatedRows = rows == 0 ? nil : rows
            cartesianProducts = fields.choice("cartesianProducts", default: .refuse)
            freeTables = fields.choice("freeTables", default: .trust)
        }
    }

    /// Sessions of the replication protocol, which carry rows past every mask.
    package enum Replication: String, Sendable, CaseIterable {
        case refuse = "Refuse"
        /// For subjects that no policy and no rule binds.
        case allow = "Allow"
    }

    /// A governed table multiplied with another, with no condition between them.
    package enum CartesianProducts: String, Sendable, CaseIterable {
        case refuse = "Refuse"
        case pass = "Pass"
    }

    /// Plain tables that hold nothing governed, whose names somebody else may have given to something that does.
    package enum FreeTables: String, Sendable, CaseIterable {
        /// Each statement over them is compared with the database's catalogue.
        case confirm = "Confirm"
        /// They are what they were when the catalogue was last read, a second ago at most.
        case trust = "Trust"
    }

    /// Statements of bound subjects that PostgreSQL's grammar, as the gateway has it, does not know.
    package enum UnparsedStatements: String, Sendable, CaseIterable {
        case refuse = "Refuse"
        /// They pass where no word of them can name something governed, or something that leads to it.
        case pass = "Pass"
    }
}
