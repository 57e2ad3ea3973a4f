extension StatementFacts {
    /// A value given to a setting by `SET`, `RESET` or `set_config`.
    package struct AssignedSetting: Sendable, Equatable {
        package enum Name: Sendable, Equatable {
            /// In lower case.
            case constant(String)
            /// From 1.
            case parameter(Int)
        }

        package enum Value: Sendable, Equatable {
            /// The constant begins at that byte of the query string.
            case constant(String, position: Int)
            case parameter(Int)
            /// The setting gets its default.
            case reset
            case unknown
        }

        package enum Locality: Sendable, Equatable {
            /// `true`: until the transaction ends.
            case constant(Bool)
            case parameter(Int)
            case unknown
        }

        package var name: Name
        package var value: Value
        package var isLocal: Locality

        package init(name: Name, value: Value, isLocal: Locality) {
            self.name = name
            self.value = value
            self.isLocal = isLocal
        }
    }

    package enum SessionChange: Sendable, Equatable {
        /// `SET [SESSION | LOCAL] name = value`; `nil` resets to the default. `set_config` with constants too.
        case set(name: String, value: [String]?, isLocal: Bool)
        case resetAll
        /// `SET ROLE`, `SET SESSION AUTHORIZATION`; `nil` for `NONE` and `DEFAULT`.
        case role(String?)
        case begin
        case commit
        case rollback
        case savepoint(String)
        case releaseSavepoint(String)
        case rollbackToSavepoint(String)
        /// The catalogue may be another after this statement.
        case catalogue
        case declareCursor(name: String, [OutputColumn])
        /// `nil`: all.
        case closeCursor(String?)
        /// The prepared statement's facts follow in `facts`, the whole `PREPARE` in `text`.
        indirect case prepare(name: String, facts: StatementFacts, text: [UInt8])
        /// `nil`: all.
        case deallocate(String?)
        case discardAll

        /// A setting that decides what names mean gets a value.
        var changesNames: Bool {
            switch self {
            case .set("search_path", _, _), .role: true
            default: false
            }
        }
    }
}
