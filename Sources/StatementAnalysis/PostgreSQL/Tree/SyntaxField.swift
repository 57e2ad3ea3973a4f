/// A field of a node of PostgreSQL's raw parse tree, by the name libpg_query gives it.
enum SyntaxField: String, CaseIterable {
    case accessMethod, action, actions, alias, aliascolnames, aliases, aliasname, all, amname, amtype, arg
    case argnumber, args, argType, argtypes, arrayBounds, attlist, authrole, base, behavior, boolop
    case booltesttype, boolval, bound, bsval, catalogname, cfgname, chain, cmds, coldefexpr, coldeflist
    case colexpr, collation, collClause, collname, colname, colnames, colNames, colno, cols, columns
    case commandType, comment, compression, concurrent, condition, conditionname, conname, conninfo
    case constraints, constrrel, content, context, contype, ctematerialized, ctename, ctequery, ctes
    case database, datatype, dbname, def, defaction, deferrable, deferred, defexpr, definition, defname
    case defnames, defnamespace, defresult, dictname, dicts, direction, distinctClause, docexpr, domainname
    case elements, endOffset, event, eventname, events, excludeOpNames, exclusions, expr, exprs, extname
    case fdwname, fdwoptions, fields, filename, frameOptions, fromClause, fromsql, `func`, funccall
    case funcformat, funcname, functions, fval, generated, gid, grantees, grantor, groupClause
    case groupDistinct, havingClause, howMany, identity, identitySequence, idxcomment, idxname, including
    case indexcolname, indexElems, indexIncludingParams, indexname, indexParams, indexspace, indirection
    case infer, inh, inhRelations, initdeferred, `inout`, instead, into, intoClause, isconstraint
    case isDefault, isDrop, ismove, isNatural, isNew, isnull, isReset, isTable, items, itemtype, ival
    case joinCondition, jointype, keys, kind, label, lang, larg, lateral, lexpr, lidx, limitCount
    case limitOffset, limitOption, listdatums, location, lockedRels, lockingClause, lowerdatums, matched
    case mergeWhenClauses, method, mode, modulus, name, names, namespaces, ncolumns, newname, newowner
    case newrole, newschema, newVal, newValIsAfter, newValNeighbor, node, nowait, nulltesttype, num, number
    case objargs, object, objects, objectType, objfuncargs, objname, objtype, ofTypename, oldstyle, oldVal
    case onCommit, oncommit, onConflictClause, op, opclass, opclassname, opclassopts, operName, opername
    case opfamilyname, options, orderClause, ordering, ordinality, over, override, owner, parameters
    case params, partbound, partitionClause, partParams, partspec, payload, permissive, pktable, plhandler
    case plinline, plname, pltrusted, plvalidator, portalname, primary, privileges, provider, publication
    case pubname, pubobjects, pubobjtype, pubtable, qual, quals, query, rarg, recurse, recursive, refname
    case rel, relation, relations, relationType, relname, relpersistence, rels, remainder, remove
    case removeType, renameType, repeatable, replace, result, returningList, returnType, returnval, rexpr
    case role, rolename, roles, roletype, row, rowexpr, rulename, schemaElts, schemaname, selectStmt
    case sequence, servername, servertype, setof, setstmt, skipData, skipIfNewValExists, sortClause, source
    case sourceRelation, sourcetype, startOffset, stmt, storage, storedtype, strategy, strength, stxcomment
    case stxstattarget, subLinkType, subname, subquery, subselect, subtype, sval, table, tableElts
    case tableSpace, tableSpaceName, tablespacename, target, targetList, targettype, targtype, testexpr
    case tgenabled, timing, tokentype, tosql, transitionRels, trigname, typemod, typeName, typevar, typmod
    case typmods, uidx, unique, upperdatums, useOp, user, usingClause, val, vals, value, values
    case valuesLists, version, view, waitPolicy, whenClause, whenclause, whereClause, windowClause
    case withCheckOption, withClause, xmloption
    case accessMethodUnderscored = "access_method"
    case adminOpt = "admin_opt"
    case aggDistinct = "agg_distinct"
    case aggFilter = "agg_filter"
    case aggOrder = "agg_order"
    case aggStar = "agg_star"
    case aggWithinGroup = "agg_within_group"
    case argNames = "arg_names"
    case argsUnspecified = "args_unspecified"
    case classArgs = "class_args"
    case cmdName = "cmd_name"
    case conversionName = "conversion_name"
    case cursorName = "cursor_name"
    case cursorParam = "cursor_param"
    case cycleClause = "cycle_clause"
    case cycleColList = "cycle_col_list"
    case cycleMarkColumn = "cycle_mark_column"
    case cycleMarkDefault = "cycle_mark_default"
    case cycleMarkValue = "cycle_mark_value"
    case cyclePathColumn = "cycle_path_column"
    case fkAttrs = "fk_attrs"
    case fkDelAction = "fk_del_action"
    case fkDelSetCols = "fk_del_set_cols"
    case fkMatchtype = "fk_matchtype"
    case fkUpdAction = "fk_upd_action"
    case forAllTables = "for_all_tables"
    case forEncodingName = "for_encoding_name"
    case forOrdinality = "for_ordinality"
    case funcName = "func_name"
    case funcOptions = "func_options"
    case funcVariadic = "func_variadic"
    case generatedWhen = "generated_when"
    case grantOption = "grant_option"
    case grantedRoles = "granted_roles"
    case granteeRoles = "grantee_roles"
    case handlerName = "handler_name"
    case hasVersion = "has_version"
    case identityType = "identity_type"
    case ifNotExists = "if_not_exists"
    case initiallyValid = "initially_valid"
    case isDefaultUnderscored = "is_default"
    case isFrom = "is_from"
    case isFromType = "is_from_type"
    case isGrant = "is_grant"
    case isLocal = "is_local"
    case isNoInherit = "is_no_inherit"
    case isNotNull = "is_not_null"
    case isProcedure = "is_procedure"
    case isProgram = "is_program"
    case isRowsfrom = "is_rowsfrom"
    case isSelectInto = "is_select_into"
    case isSlice = "is_slice"
    case isVacuumcmd = "is_vacuumcmd"
    case joinUsingAlias = "join_using_alias"
    case listType = "list_type"
    case localSchema = "local_schema"
    case missingOk = "missing_ok"
    case namedArgs = "named_args"
    case newTablespacename = "new_tablespacename"
    case nullsNotDistinct = "nulls_not_distinct"
    case nullsOrdering = "nulls_ordering"
    case orderFamily = "order_family"
    case origTablespacename = "orig_tablespacename"
    case pctType = "pct_type"
    case pkAttrs = "pk_attrs"
    case policyName = "policy_name"
    case privName = "priv_name"
    case rawDefault = "raw_default"
    case rawExpr = "raw_expr"
    case remoteSchema = "remote_schema"
    case resetDefaultTblspc = "reset_default_tblspc"
    case restartSeqs = "restart_seqs"
    case rowFormat = "row_format"
    case savepointName = "savepoint_name"
    case searchBreadthFirst = "search_breadth_first"
    case searchClause = "search_clause"
    case searchColList = "search_col_list"
    case searchSeqColumn = "search_seq_column"
    case serverName = "server_name"
    case skipValidation = "skip_validation"
    case sortbyDir = "sortby_dir"
    case sortbyNulls = "sortby_nulls"
    case sqlBody = "sql_body"
    case statTypes = "stat_types"
    case stmtLen = "stmt_len"
    case stmtLocation = "stmt_location"
    case stmtType = "stmt_type"
    case tableList = "table_list"
    case toEncodingName = "to_encoding_name"
    case typeNameUnderscored = "type_name"
    case vaCols = "va_cols"
    case whereClauseUnderscored = "where_clause"
    case withCheck = "with_check"
}
