/// The columns of the server's own relations that hold users' data, statements of other sessions, or secrets.
///
/// Everything else in the system schemas describes objects and is as harmless as their names. Reviewed for PostgreSQL 13
/// to 18; of a later server, relations that are new hold data, and those that do so in part hold nothing else.
package enum SystemRelations {
    /// `true` for a column no policy of the user's names but which tells governed values or secrets all the same.
    package static func holdsData(_ column: ColumnID, in catalogue: Catalogue) -> Bool {
        guard let relation = catalogue.relation(column.relation) else { return false }
        // The rows of a TOAST table are pieces of its table's values.
        if relation.kind == .toastTable { return true }
        let isReviewed = ReviewedServer.covers(catalogue)
        guard let names = columns[relation.name],
            relation.isSystem || extensionRelations.contains(relation.name)
        else {
            return relation.isSystem && !isReviewed && !ReviewedServer.relations.contains(relation.name[...])
        }
        if names.isEmpty || !isReviewed { return true }
        return relation.columns.first { $0.number == column.attribute }.map { names.contains($0.name) }
            ?? false
    }

    /// `true` for a column of options, each a name and a value, of which the values may be secrets.
    static func isOptionList(_ column: ColumnID, in catalogue: Catalogue) -> Bool {
        guard let relation = catalogue.relation(column.relation), relation.isSystem,
            let name = relation.columns.first(where: { $0.number == column.attribute })?.name
        else { return false }
        return ["fdwoptions", "srvoptions", "umoptions"].contains(name)
    }

    /// Installed with an extension, in a schema of its users' choice.
    private static let extensionRelations: Set<String> = ["pg_stat_statements"]

    /// By relation; an empty set stands for all columns.
    private static let columns: [String: Set<String>] = [
        "pg_statistic": [
            "stanumbers1", "stanumbers2", "stanumbers3", "stanumbers4", "stanumbers5",
            "stavalues1", "stavalues2", "stavalues3", "stavalues4", "stavalues5", "stadistinct",
        ],
        "pg_statistic_ext_data": ["stxdndistinct", "stxddependencies", "stxdmcv", "stxdexpr"],
        "pg_stats": [
            "n_distinct", "most_common_vals", "most_common_freqs", "histogram_bounds", "correlation",
            "most_common_elems", "most_common_elem_freqs", "elem_count_histogram", "range_length_histogram",
            "range_bounds_histogram",
        ],
        "pg_stats_ext": [
            "n_distinct", "dependencies", "most_common_vals", "most_common_val_nulls", "most_common_freqs",
            "most_common_base_freqs",
        ],
        "pg_stats_ext_exprs": [
            "n_distinct", "most_common_vals", "most_common_freqs", "histogram_bounds", "correlation",
            "most_common_elems", "most_common_elem_freqs", "elem_count_histogram",
        ],
        "pg_largeobject": ["data"],
        "pg_authid": ["rolpassword"],
        "pg_shadow": ["passwd"],
        "pg_user_mapping": ["umoptions"],
        "pg_user_mappings": ["umoptions"],
        "_pg_user_mappings": ["umoptions"],
        "user_mapping_options": ["option_value"],
        "pg_foreign_server": ["srvoptions"],
        "_pg_foreign_servers": ["srvoptions"],
        "foreign_server_options": ["option_value"],
        "pg_foreign_data_wrapper": ["fdwoptions"],
        "_pg_foreign_data_wrappers": ["fdwoptions"],
        "foreign_data_wrapper_options": ["option_value"],
        "pg_subscription": ["subconninfo"],
        "pg_stat_wal_receiver": ["conninfo"],
        "pg_stat_activity": ["query"],
        "pg_stat_statements": ["query"],
        "pg_prepared_statements": ["statement"],
        "pg_cursors": ["statement"],
        "pg_prepared_xacts": ["gid"],
        "pg_seclabel": ["label"],
        "pg_seclabels": ["label"],
        "pg_shseclabel": ["label"],
        "pg_hba_file_rules": [],
        "pg_ident_file_mappings": [],
        "pg_file_settings": [],
        "pg_backend_memory_contexts": ["ident"],
    ]
}
