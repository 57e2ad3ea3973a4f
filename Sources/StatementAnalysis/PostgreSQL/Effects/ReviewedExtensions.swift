/// What is known of the functions, operators and types that extensions bring.
enum ReviewedExtensions {
    private enum Review {
        /// All of its functions only compute.
        case harmless
        /// Its immutable functions only compute; the others are not known.
        case harmlessWhereImmutable
        /// Reads or reaches what is named at run time.
        case readsByName
    }

    private static let reviews: [String: Review] = [
        "btree_gin": .harmless, "btree_gist": .harmless, "citext": .harmless, "cube": .harmless,
        "dict_int": .harmless, "dict_xsyn": .harmless, "earthdistance": .harmless, "fuzzystrmatch": .harmless,
        "hstore": .harmless, "intarray": .harmless, "isn": .harmless, "ltree": .harmless,
        "pg_trgm": .harmless,
        "pgcrypto": .harmless, "seg": .harmless, "tsm_system_rows": .harmless, "tsm_system_time": .harmless,
        "unaccent": .harmless, "uuid-ossp": .harmless, "vector": .harmless,
        "postgis": .harmlessWhereImmutable, "pg_hint_plan": .harmlessWhereImmutable, "bloom": .harmless,
        "adminpack": .readsByName, "amcheck": .readsByName, "dblink": .readsByName, "file_fdw": .readsByName,
        "lo": .readsByName, "pageinspect": .readsByName, "pg_buffercache": .readsByName,
        "pg_freespacemap": .readsByName, "pg_prewarm": .readsByName, "pg_stat_statements": .readsByName,
        "pg_visibility": .readsByName, "pg_walinspect": .readsByName, "pgrowlocks": .readsByName,
        "pgstattuple": .readsByName, "postgres_fdw": .readsByName, "tablefunc": .readsByName,
        "xml2": .readsByName,
    ]

    static func isHarmless(_ name: String?) -> Bool {
        guard let name, let review = reviews[name] else { return false }
        switch review {
        case .harmless, .harmlessWhereImmutable: return true
        case .readsByName: return false
        }
    }

    /// `nil`: harmless.
    static func harm(of routine: Routine) -> StatementFacts.FunctionUse.Harm? {
        guard let name = routine.extension, let review = reviews[name] else { return .userDefined }
        switch review {
        case .harmless: return nil
        case .harmlessWhereImmutable: return routine.volatility == .immutable ? nil : .userDefined
        case .readsByName: return .readsByName
        }
    }
}
