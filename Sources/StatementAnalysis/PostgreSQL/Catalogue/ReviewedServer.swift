/// What the reviews of the server's own functions and relations have seen: PostgreSQL 13 to 18.
///
/// Of a later server, whatever is not listed here is not vouched for.
enum ReviewedServer {
    /// The first `server_version_num` that nobody has looked at.
    private static let firstUnreviewedVersion = 190_000

    static func covers(_ catalogue: Catalogue) -> Bool { catalogue.serverVersion < firstUnreviewedVersion }

    /// Functions that may read something besides their arguments (`provolatile` is `s`), overloads under one name.
    static let stableFunctions = names(
        """
        _pg_index_position aclexplode aclitemin aclitemout age anyarray_out anyarray_send
        anycompatiblearray_out anycompatiblearray_send anycompatiblemultirange_in
        anycompatiblemultirange_out anycompatiblerange_in anycompatiblerange_out anyenum_out
        anymultirange_in anymultirange_out anyrange_in anyrange_out anytextcat array_in array_out array_send
        array_to_json array_to_string bpcharsend brin_bloom_summary_send brin_minmax_multi_summary_send
        cash_in cash_out col_description concat concat_ws convert convert_from convert_to cstring_send
        current_database current_schema current_schemas current_setting current_user database_to_xml
        database_to_xml_and_xmlschema database_to_xmlschema date date_add date_cmp_timestamptz
        date_eq_timestamptz date_ge_timestamptz date_gt_timestamptz date_in date_le_timestamptz
        date_lt_timestamptz date_ne_timestamptz date_out date_part date_subtract date_trunc domain_in
        enum_first enum_in enum_last enum_out enum_range enum_send extract fmgr_c_validator
        fmgr_sql_validator format format_type generate_series get_current_ts_config getdatabaseencoding
        getpgusername has_any_column_privilege has_column_privilege has_database_privilege
        has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege
        has_largeobject_privilege has_parameter_privilege has_schema_privilege has_sequence_privilege
        has_server_privilege has_table_privilege has_tablespace_privilege has_type_privilege in_range
        inet_client_addr inet_client_port inet_server_addr inet_server_port interval_in interval_out
        interval_pl_timestamptz json_agg json_agg_strict json_build_array json_build_object json_object_agg
        json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict json_populate_record
        json_populate_recordset json_to_record json_to_recordset json_to_tsvector jsonb_agg jsonb_agg_strict
        jsonb_build_array jsonb_build_object jsonb_path_exists_tz jsonb_path_match_tz
        jsonb_path_query_array_tz jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record
        jsonb_populate_record_valid jsonb_populate_recordset jsonb_to_record jsonb_to_recordset
        jsonb_to_tsvector length make_timestamptz money multirange_in multirange_out multirange_send
        mxid_age namesend now numeric obj_description oidvectortypes overlaps
        pg_available_extension_versions pg_available_extensions pg_backend_pid pg_backup_start_time
        pg_basetype pg_char_to_encoding pg_client_encoding pg_collation_for pg_collation_is_visible
        pg_column_compression pg_column_is_updatable pg_column_size pg_column_toast_chunk_id
        pg_conf_load_time pg_config pg_conversion_is_visible pg_current_snapshot pg_current_xact_id
        pg_current_xact_id_if_assigned pg_cursor pg_dependencies_send pg_describe_object pg_encoding_to_char
        pg_event_trigger_ddl_commands pg_event_trigger_dropped_objects pg_event_trigger_table_rewrite_oid
        pg_event_trigger_table_rewrite_reason pg_extension_update_paths pg_filenode_relation
        pg_function_is_visible pg_get_acl pg_get_catalog_foreign_keys pg_get_constraintdef pg_get_expr
        pg_get_function_arg_default pg_get_function_arguments pg_get_function_identity_arguments
        pg_get_function_result pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef pg_get_keywords
        pg_get_object_address pg_get_partition_constraintdef pg_get_partkeydef pg_get_publication_tables
        pg_get_replica_identity_index pg_get_replication_slots pg_get_ruledef pg_get_serial_sequence
        pg_get_statisticsobjdef pg_get_statisticsobjdef_columns pg_get_statisticsobjdef_expressions
        pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role pg_identify_object
        pg_identify_object_as_address pg_index_column_has_property pg_index_has_property
        pg_indexam_has_property pg_input_error_info pg_input_is_valid pg_is_other_temp_schema
        pg_listening_channels pg_mcv_list_items pg_mcv_list_send pg_my_temp_schema pg_ndistinct_send
        pg_node_tree_send pg_numa_available pg_opclass_is_visible pg_operator_is_visible
        pg_opfamily_is_visible pg_options_to_table pg_postmaster_start_time pg_prepared_statement
        pg_relation_filenode pg_relation_filepath pg_relation_is_publishable pg_relation_is_updatable
        pg_replication_origin_oid pg_sequence_parameters pg_settings_get_flags pg_show_all_settings
        pg_split_walfile_name pg_stat_get_activity pg_stat_get_analyze_count pg_stat_get_archiver
        pg_stat_get_autoanalyze_count pg_stat_get_autovacuum_count pg_stat_get_backend_activity
        pg_stat_get_backend_activity_start pg_stat_get_backend_client_addr pg_stat_get_backend_client_port
        pg_stat_get_backend_dbid pg_stat_get_backend_idset pg_stat_get_backend_pid pg_stat_get_backend_start
        pg_stat_get_backend_subxact pg_stat_get_backend_userid pg_stat_get_backend_wait_event
        pg_stat_get_backend_wait_event_type pg_stat_get_backend_xact_start
        pg_stat_get_bgwriter_buf_written_checkpoints pg_stat_get_bgwriter_buf_written_clean
        pg_stat_get_bgwriter_maxwritten_clean pg_stat_get_bgwriter_requested_checkpoints
        pg_stat_get_bgwriter_stat_reset_time pg_stat_get_bgwriter_timed_checkpoints
        pg_stat_get_blocks_fetched pg_stat_get_blocks_hit pg_stat_get_buf_alloc
        pg_stat_get_buf_fsync_backend pg_stat_get_buf_written_backend pg_stat_get_checkpoint_sync_time
        pg_stat_get_checkpoint_write_time pg_stat_get_checkpointer_buffers_written
        pg_stat_get_checkpointer_num_performed pg_stat_get_checkpointer_num_requested
        pg_stat_get_checkpointer_num_timed pg_stat_get_checkpointer_restartpoints_performed
        pg_stat_get_checkpointer_restartpoints_requested pg_stat_get_checkpointer_restartpoints_timed
        pg_stat_get_checkpointer_slru_written pg_stat_get_checkpointer_stat_reset_time
        pg_stat_get_checkpointer_sync_time pg_stat_get_checkpointer_write_time pg_stat_get_db_active_time
        pg_stat_get_db_blk_read_time pg_stat_get_db_blk_write_time pg_stat_get_db_blocks_fetched
        pg_stat_get_db_blocks_hit pg_stat_get_db_checksum_failures pg_stat_get_db_checksum_last_failure
        pg_stat_get_db_conflict_all pg_stat_get_db_conflict_bufferpin pg_stat_get_db_conflict_lock
        pg_stat_get_db_conflict_logicalslot pg_stat_get_db_conflict_snapshot
        pg_stat_get_db_conflict_startup_deadlock pg_stat_get_db_conflict_tablespace pg_stat_get_db_deadlocks
        pg_stat_get_db_idle_in_transaction_time pg_stat_get_db_numbackends
        pg_stat_get_db_parallel_workers_launched pg_stat_get_db_parallel_workers_to_launch
        pg_stat_get_db_session_time pg_stat_get_db_sessions pg_stat_get_db_sessions_abandoned
        pg_stat_get_db_sessions_fatal pg_stat_get_db_sessions_killed pg_stat_get_db_stat_reset_time
        pg_stat_get_db_temp_bytes pg_stat_get_db_temp_files pg_stat_get_db_tuples_deleted
        pg_stat_get_db_tuples_fetched pg_stat_get_db_tuples_inserted pg_stat_get_db_tuples_returned
        pg_stat_get_db_tuples_updated pg_stat_get_db_xact_commit pg_stat_get_db_xact_rollback
        pg_stat_get_dead_tuples pg_stat_get_function_calls pg_stat_get_function_self_time
        pg_stat_get_function_total_time pg_stat_get_ins_since_vacuum pg_stat_get_last_analyze_time
        pg_stat_get_last_autoanalyze_time pg_stat_get_last_autovacuum_time pg_stat_get_last_vacuum_time
        pg_stat_get_lastscan pg_stat_get_live_tuples pg_stat_get_mod_since_analyze pg_stat_get_numscans
        pg_stat_get_progress_info pg_stat_get_replication_slot pg_stat_get_slru
        pg_stat_get_snapshot_timestamp pg_stat_get_subscription pg_stat_get_subscription_stats
        pg_stat_get_total_analyze_time pg_stat_get_total_autoanalyze_time pg_stat_get_total_autovacuum_time
        pg_stat_get_total_vacuum_time pg_stat_get_tuples_deleted pg_stat_get_tuples_fetched
        pg_stat_get_tuples_hot_updated pg_stat_get_tuples_inserted pg_stat_get_tuples_newpage_updated
        pg_stat_get_tuples_returned pg_stat_get_tuples_updated pg_stat_get_vacuum_count pg_stat_get_wal
        pg_stat_get_wal_receiver pg_stat_get_wal_senders pg_statistics_obj_is_visible pg_table_is_visible
        pg_tablespace_databases pg_tablespace_location pg_timezone_abbrevs pg_timezone_abbrevs_abbrevs
        pg_timezone_abbrevs_zone pg_timezone_names pg_trigger_depth pg_ts_config_is_visible
        pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible pg_type_is_visible pg_typeof
        phraseto_tsquery plainto_tsquery quote_literal quote_nullable range_in range_out range_send
        record_in record_out record_send regclass regclassin regclassout regcollationin regcollationout
        regconfigin regconfigout regdictionaryin regdictionaryout regnamespacein regnamespaceout
        regoperatorin regoperatorout regoperin regoperout regprocedurein regprocedureout regprocin
        regprocout regrolein regroleout regtypein regtypeout row_security_active row_to_json schema_to_xml
        schema_to_xml_and_xmlschema schema_to_xmlschema session_user shobj_description statement_timestamp
        system_user table_to_xml table_to_xml_and_xmlschema table_to_xmlschema textanycat textsend time
        time_in timestamp timestamp_cmp_timestamptz timestamp_eq_timestamptz timestamp_ge_timestamptz
        timestamp_gt_timestamptz timestamp_in timestamp_le_timestamptz timestamp_lt_timestamptz
        timestamp_ne_timestamptz timestamp_out timestamptz timestamptz_cmp_date timestamptz_cmp_timestamp
        timestamptz_eq_date timestamptz_eq_timestamp timestamptz_ge_date timestamptz_ge_timestamp
        timestamptz_gt_date timestamptz_gt_timestamp timestamptz_in timestamptz_le_date
        timestamptz_le_timestamp timestamptz_lt_date timestamptz_lt_timestamp timestamptz_mi_interval
        timestamptz_ne_date timestamptz_ne_timestamp timestamptz_out timestamptz_pl_interval timetz
        timetz_in timezone to_char to_date to_json to_jsonb to_number to_regclass to_regcollation
        to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype
        to_regtypemod to_timestamp to_tsquery to_tsvector transaction_timestamp ts_debug ts_headline
        ts_match_tq ts_match_tt ts_parse ts_token_type txid_current txid_current_if_assigned
        txid_current_snapshot varcharsend version websearch_to_tsquery xml xml_in xml_is_well_formed
        xml_send
        """)

    /// Tables and views of `pg_catalog` and `information_schema`.
    static let relations = names(
        """
        _pg_foreign_data_wrappers _pg_foreign_servers _pg_foreign_table_columns _pg_foreign_tables
        _pg_user_mappings administrable_role_authorizations applicable_roles attributes character_sets
        check_constraint_routine_usage check_constraints collation_character_set_applicability collations
        column_column_usage column_domain_usage column_options column_privileges column_udt_usage columns
        constraint_column_usage constraint_table_usage data_type_privileges domain_constraints
        domain_udt_usage domains element_types enabled_roles foreign_data_wrapper_options
        foreign_data_wrappers foreign_server_options foreign_servers foreign_table_options foreign_tables
        information_schema_catalog_name key_column_usage parameters pg_aggregate pg_aios pg_am pg_amop
        pg_amproc pg_attrdef pg_attribute pg_auth_members pg_authid pg_available_extension_versions
        pg_available_extensions pg_backend_memory_contexts pg_cast pg_class pg_collation pg_config
        pg_constraint pg_conversion pg_cursors pg_database pg_db_role_setting pg_default_acl pg_depend
        pg_description pg_enum pg_event_trigger pg_extension pg_file_settings pg_foreign_data_wrapper
        pg_foreign_server pg_foreign_table pg_group pg_hba_file_rules pg_ident_file_mappings pg_index
        pg_indexes pg_inherits pg_init_privs pg_language pg_largeobject pg_largeobject_metadata pg_locks
        pg_matviews pg_namespace pg_opclass pg_operator pg_opfamily pg_parameter_acl pg_partitioned_table
        pg_policies pg_policy pg_prepared_statements pg_prepared_xacts pg_proc pg_publication
        pg_publication_namespace pg_publication_rel pg_publication_tables pg_range pg_replication_origin
        pg_replication_origin_status pg_replication_slots pg_rewrite pg_roles pg_rules pg_seclabel
        pg_seclabels pg_sequence pg_sequences pg_settings pg_shadow pg_shdepend pg_shdescription
        pg_shmem_allocations pg_shmem_allocations_numa pg_shseclabel pg_stat_activity pg_stat_all_indexes
        pg_stat_all_tables pg_stat_archiver pg_stat_bgwriter pg_stat_checkpointer pg_stat_database
        pg_stat_database_conflicts pg_stat_gssapi pg_stat_io pg_stat_progress_analyze
        pg_stat_progress_basebackup pg_stat_progress_cluster pg_stat_progress_copy
        pg_stat_progress_create_index pg_stat_progress_vacuum pg_stat_recovery_prefetch pg_stat_replication
        pg_stat_replication_slots pg_stat_slru pg_stat_ssl pg_stat_subscription pg_stat_subscription_stats
        pg_stat_sys_indexes pg_stat_sys_tables pg_stat_user_functions pg_stat_user_indexes
        pg_stat_user_tables pg_stat_wal pg_stat_wal_receiver pg_stat_xact_all_tables pg_stat_xact_sys_tables
        pg_stat_xact_user_functions pg_stat_xact_user_tables pg_statio_all_indexes pg_statio_all_sequences
        pg_statio_all_tables pg_statio_sys_indexes pg_statio_sys_sequences pg_statio_sys_tables
        pg_statio_user_indexes pg_statio_user_sequences pg_statio_user_tables pg_statistic pg_statistic_ext
        pg_statistic_ext_data pg_stats pg_stats_ext pg_stats_ext_exprs pg_subscription pg_subscription_rel
        pg_tables pg_tablespace pg_timezone_abbrevs pg_timezone_names pg_transform pg_trigger pg_ts_config
        pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template pg_type pg_user pg_user_mapping
        pg_user_mappings pg_views pg_wait_events referential_constraints role_column_grants
        role_routine_grants role_table_grants role_udt_grants role_usage_grants routine_column_usage
        routine_privileges routine_routine_usage routine_sequence_usage routine_table_usage routines
        schemata sequences sql_features sql_implementation_info sql_parts sql_sizing table_constraints
        table_privileges tables transforms triggered_update_columns triggers udt_privileges usage_privileges
        user_defined_types user_mapping_options user_mappings view_column_usage view_routine_usage
        view_table_usage views
        """)

    private static func names(_ text: String) -> Set<Substring> {
        Set(text.split { $0 == " " || $0 == "\n" })
    }
}
