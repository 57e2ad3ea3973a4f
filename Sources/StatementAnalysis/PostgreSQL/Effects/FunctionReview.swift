/// Which functions are known to do nothing but compute their result from their arguments and the settings.
///
/// Reviewed against the functions of PostgreSQL 13 to 18. A built-in function that is immutable or stable is harmless
/// unless it is listed; one that is volatile is not, unless it is listed; one that is stable and new in a server later
/// than the review may read anything. What users made is never harmless.
enum FunctionReview {
    /// `nil`: harmless.
    static func harm(of routine: Routine, in catalogue: Catalogue) -> StatementFacts.FunctionUse.Harm? {
        guard routine.oid < Catalogue.firstUserObject else {
            return ReviewedExtensions.harm(of: routine)
        }
        if readsByName.contains(routine.name) { return .readsByName }
        if storesArguments.contains(routine.name) { return .storesArguments }
        if routine.volatility == .stable, !ReviewedServer.covers(catalogue),
            !ReviewedServer.stableFunctions.contains(routine.name[...])
        {
            return .readsByName
        }
        if routine.volatility != .volatile || harmlessVolatile.contains(routine.name) { return nil }
        if routine.name.hasPrefix("pg_read_") || routine.name.hasPrefix("pg_ls_")
            || routine.name.hasPrefix("pg_logical_slot_") || routine.name == "ts_rewrite"
        {
            return .readsByName
        }
        return .administers
    }

    /// Take SQL text, or the name of a relation, cursor, file, type or large object; or show other sessions' texts.
    private static let readsByName: Set<String> = [
        "cursor_to_xml", "cursor_to_xmlschema", "database_to_xml", "database_to_xml_and_xmlschema",
        "database_to_xmlschema", "query_to_xml", "query_to_xml_and_xmlschema", "query_to_xmlschema",
        "schema_to_xml", "schema_to_xml_and_xmlschema", "schema_to_xmlschema", "table_to_xml",
        "table_to_xml_and_xmlschema", "table_to_xmlschema", "ts_stat",
        "pg_stat_file", "lo_get", "loread", "lo_open", "lo_export", "lo_import",
        "pg_cursor", "pg_prepared_statement", "pg_prepared_xact", "pg_stat_get_activity",
        "pg_stat_get_backend_activity", "pg_stat_get_wal_receiver", "pg_hba_file_rules",
        "pg_show_all_file_settings", "pg_ident_file_mappings",
        "pg_get_backend_memory_contexts",
        "domain_in", "domain_recv", "array_in", "array_recv", "record_in", "record_recv", "range_in",
        "range_recv",
        "multirange_in", "multirange_recv", "pg_input_is_valid", "pg_input_error_info", "currtid2",
        "brin_page_items", "heap_page_items", "get_raw_page",
    ]

    /// Put what they are given where others, or later statements, can see it.
    private static let storesArguments: Set<String> = [
        "pg_notify", "set_config", "setval", "setseed", "pg_sleep", "pg_sleep_for", "pg_sleep_until",
        "lo_from_bytea", "lo_put", "lowrite", "lo_create", "lo_creat", "lo_lseek", "lo_lseek64",
        "lo_truncate",
        "lo_truncate64", "pg_logical_emit_message", "pg_create_restore_point",
        "pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_unlock", "pg_advisory_unlock_shared",
        "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared", "pg_try_advisory_lock",
        "pg_try_advisory_lock_shared", "pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared",
    ]

    private static let harmlessVolatile: Set<String> = [
        "amvalidate", "array_sample", "array_shuffle", "bernoulli", "clock_timestamp", "current_query",
        "currval", "gen_random_uuid",
        "lastval",
        "nextval", "pg_advisory_unlock_all", "pg_blocking_pids", "pg_collation_actual_version",
        "pg_control_checkpoint", "pg_control_init", "pg_control_recovery", "pg_control_system",
        "pg_current_logfile",
        "pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_lsn",
        "pg_database_collation_actual_version", "pg_database_size", "pg_get_multixact_members",
        "pg_get_sequence_data", "pg_get_wal_replay_pause_state", "pg_get_wal_resource_managers",
        "pg_indexes_size",
        "pg_is_in_recovery",
        "pg_is_wal_replay_paused", "pg_isolation_test_session_is_blocked", "pg_jit_available",
        "pg_last_committed_xact", "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn",
        "pg_last_xact_replay_timestamp", "pg_lock_status", "pg_notification_queue_usage",
        "pg_partition_ancestors",
        "pg_partition_tree", "pg_relation_size", "pg_safe_snapshot_blocking_pids", "pg_sequence_last_value",
        "pg_stat_clear_snapshot", "pg_stat_force_next_flush", "pg_stat_get_recovery_prefetch",
        "pg_stat_get_xact_blocks_fetched", "pg_stat_get_xact_blocks_hit", "pg_stat_get_xact_function_calls",
        "pg_stat_get_xact_function_self_time", "pg_stat_get_xact_function_total_time",
        "pg_stat_get_xact_numscans", "pg_stat_get_xact_tuples_deleted", "pg_stat_get_xact_tuples_fetched",
        "pg_stat_get_xact_tuples_hot_updated", "pg_stat_get_xact_tuples_inserted",
        "pg_stat_get_xact_tuples_newpage_updated", "pg_stat_get_xact_tuples_returned",
        "pg_stat_get_xact_tuples_updated", "pg_stat_have_stats", "pg_table_size", "pg_tablespace_size",
        "pg_total_relation_size", "pg_xact_commit_timestamp", "pg_xact_commit_timestamp_origin",
        "pg_xact_status",
        "random", "random_normal", "system", "timeofday", "txid_status", "uuidv4", "uuidv7",
    ]
}
