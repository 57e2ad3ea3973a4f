/// Rows of PostgreSQL 15's own catalogues: enough of its types, functions, operators and casts for the tests.
enum BuiltIns {
    /// oid, name, kind, element, whether it is that element's array
    static let types = """
        16 bool b 0 f
        17 bytea b 0 f
        18 char b 0 f
        19 name b 18 f
        20 int8 b 0 f
        21 int2 b 0 f
        23 int4 b 0 f
        24 regproc b 0 f
        25 text b 0 f
        26 oid b 0 f
        27 tid b 0 f
        28 xid b 0 f
        29 cid b 0 f
        114 json b 0 f
        142 xml b 0 f
        143 _xml b 142 t
        199 _json b 114 t
        271 _xid8 b 5069 t
        700 float4 b 0 f
        701 float8 b 0 f
        705 unknown p 0 f
        790 money b 0 f
        791 _money b 790 t
        829 macaddr b 0 f
        869 inet b 0 f
        1000 _bool b 16 t
        1001 _bytea b 17 t
        1002 _char b 18 t
        1003 _name b 19 t
        1005 _int2 b 21 t
        1007 _int4 b 23 t
        1008 _regproc b 24 t
        1009 _text b 25 t
        1010 _tid b 27 t
        1011 _xid b 28 t
        1012 _cid b 29 t
        1014 _bpchar b 1042 t
        1015 _varchar b 1043 t
        1016 _int8 b 20 t
        1021 _float4 b 700 t
        1022 _float8 b 701 t
        1028 _oid b 26 t
        1040 _macaddr b 829 t
        1041 _inet b 869 t
        1042 bpchar b 0 f
        1043 varchar b 0 f
        1082 date b 0 f
        1083 time b 0 f
        1114 timestamp b 0 f
        1115 _timestamp b 1114 t
        1182 _date b 1082 t
        1183 _time b 1083 t
        1184 timestamptz b 0 f
        1185 _timestamptz b 1184 t
        1186 interval b 0 f
        1187 _interval b 1186 t
        1231 _numeric b 1700 t
        1266 timetz b 0 f
        1270 _timetz b 1266 t
        1560 bit b 0 f
        1561 _bit b 1560 t
        1700 numeric b 0 f
        1790 refcursor b 0 f
        2201 _refcursor b 1790 t
        2205 regclass b 0 f
        2206 regtype b 0 f
        2210 _regclass b 2205 t
        2211 _regtype b 2206 t
        2249 record p 0 f
        2275 cstring p 0 f
        2276 any p 0 f
        2277 anyarray p 0 f
        2278 void p 0 f
        2279 trigger p 0 f
        2281 internal p 0 f
        2283 anyelement p 0 f
        2776 anynonarray p 0 f
        2950 uuid b 0 f
        2951 _uuid b 2950 t
        3220 pg_lsn b 0 f
        3221 _pg_lsn b 3220 t
        3614 tsvector b 0 f
        3615 tsquery b 0 f
        3643 _tsvector b 3614 t
        3645 _tsquery b 3615 t
        3734 regconfig b 0 f
        3735 _regconfig b 3734 t
        3802 jsonb b 0 f
        3807 _jsonb b 3802 t
        3831 anyrange p 0 f
        3904 int4range r 0 f
        3926 int8range r 0 f
        4072 jsonpath b 0 f
        4073 _jsonpath b 4072 t
        4089 regnamespace b 0 f
        4090 _regnamespace b 4089 t
        5069 xid8 b 0 f
        5077 anycompatible p 0 f
        5078 anycompatiblearray p 0 f
        """

    /// oid, name, kind, volatility, parameters, result, defaults, variadic, set, outputs
    static let routines = """
        2335 array_agg a i 2776 2277 0 f f -
        4053 array_agg a i 2277 2277 0 f f -
        384 array_to_string f s 2277,25,25 25 0 f f -
        395 array_to_string f s 2277,25 25 0 f f -
        1620 ascii f i 25 23 0 f f -
        2100 avg a i 20 1700 0 f f -
        2101 avg a i 23 1700 0 f f -
        2102 avg a i 21 1700 0 f f -
        2103 avg a i 1700 1700 0 f f -
        2104 avg a i 700 701 0 f f -
        2105 avg a i 701 701 0 f f -
        2106 avg a i 1186 1186 0 f f -
        2517 bool_and a i 16 16 0 f f -
        884 btrim f i 25,25 25 0 f f -
        885 btrim f i 25 25 0 f f -
        2015 btrim f i 17,17 17 0 f f -
        2649 clock_timestamp f v - 1184 0 f f -
        3058 concat f s 2276 25 0 t f -
        1714 convert_from f s 17,19 25 0 f f -
        1717 convert_to f s 25,19 17 0 f f -
        2147 count a i 2276 20 0 f f -
        2803 count a i - 20 0 f f -
        2077 current_setting f s 25 25 0 f f -
        3294 current_setting f s 25,16 25 0 f f -
        1575 currval f v 2205 20 0 f f -
        2925 cursor_to_xml f v 1790,23,16,16,25 142 0 f f -
        2936 database_to_xml f s 16,16,25 142 0 f f -
        1171 date_part f s 25,1184 701 0 f f -
        1172 date_part f i 25,1186 701 0 f f -
        1273 date_part f i 25,1266 701 0 f f -
        1384 date_part f i 25,1082 701 0 f f -
        1385 date_part f i 25,1083 701 0 f f -
        2021 date_part f i 25,1114 701 0 f f -
        1217 date_trunc f s 25,1184 1184 0 f f -
        1218 date_trunc f i 25,1186 1186 0 f f -
        1284 date_trunc f s 25,1184,25 1184 0 f f -
        2020 date_trunc f i 25,1114 1114 0 f f -
        1947 decode f i 25,25 17 0 f f -
        1946 encode f i 17,25 25 0 f f -
        6199 extract f i 25,1082 1700 0 f f -
        6200 extract f i 25,1083 1700 0 f f -
        6201 extract f i 25,1266 1700 0 f f -
        6202 extract f i 25,1114 1700 0 f f -
        6203 extract f s 25,1184 1700 0 f f -
        6204 extract f i 25,1186 1700 0 f f -
        3112 first_value w i 2283 2283 0 f f -
        3539 format f s 25,2276 25 0 t f -
        3540 format f s 25 25 0 f f -
        1081 format_type f s 26,23 25 0 f f -
        3432 gen_random_uuid f v - 2950 0 f f -
        938 generate_series f i 1114,1114,1186 1114 0 f t -
        939 generate_series f s 1184,1184,1186 1184 0 f t -
        1066 generate_series f i 23,23,23 23 0 f t -
        1067 generate_series f i 23,23 23 0 f t -
        1068 generate_series f i 20,20,20 20 0 f t -
        1069 generate_series f i 20,20 20 0 f t -
        3259 generate_series f i 1700,1700,1700 1700 0 f t -
        3260 generate_series f i 1700,1700 1700 0 f t -
        77 int4 f i 18 23 0 f f -
        313 int4 f i 21 23 0 f f -
        317 int4 f i 701 23 0 f f -
        319 int4 f i 700 23 0 f f -
        480 int4 f i 20 23 0 f f -
        1684 int4 f i 1560 23 0 f f -
        1744 int4 f i 1700 23 0 f f -
        2558 int4 f i 16 23 0 f f -
        3451 int4 f i 3802 23 0 f f -
        3945 int8range f i 20,20 3926 0 f f -
        3946 int8range f i 20,20,25 3926 0 f f -
        3175 json_agg a s 2283 114 0 f f -
        3204 json_to_record f s 114 2249 0 f f -
        3205 json_to_recordset f s 114 2249 0 f t -
        3219 jsonb_array_elements f i 3802 3802 0 f t value:3802
        3273 jsonb_build_object f s 2276 3802 0 t f -
        3274 jsonb_build_object f s - 3802 0 f f -
        3932 jsonb_each_text f i 3802 2249 0 f t key:25,value:25
        3106 lag w i 2283 2283 0 f f -
        3107 lag w i 2283,23 2283 0 f f -
        3108 lag w i 5077,23,5077 5077 0 f f -
        3060 left f i 25,23 25 0 f f -
        1317 length f i 25 23 0 f f -
        1318 length f i 1042 23 0 f f -
        1681 length f i 1560 23 0 f f -
        1713 length f s 17,19 23 0 f f -
        2010 length f i 17 23 0 f f -
        3711 length f i 3614 23 0 f f -
        1637 like_escape f i 25,25 25 0 f f -
        2009 like_escape f i 17,17 17 0 f f -
        3457 lo_from_bytea f v 26,17 26 0 f f -
        3458 lo_get f v 26 17 0 f f -
        3459 lo_get f v 26,20,23 17 0 f f -
        870 lower f i 25 25 0 f f -
        3848 lower f i 3831 2283 0 f f -
        2050 max a i 2277 2277 0 f f -
        2115 max a i 20 20 0 f f -
        2116 max a i 23 23 0 f f -
        2117 max a i 21 21 0 f f -
        2118 max a i 26 26 0 f f -
        2119 max a i 700 700 0 f f -
        2120 max a i 701 701 0 f f -
        2122 max a i 1082 1082 0 f f -
        2123 max a i 1083 1083 0 f f -
        2124 max a i 1266 1266 0 f f -
        2125 max a i 790 790 0 f f -
        2126 max a i 1114 1114 0 f f -
        2127 max a i 1184 1184 0 f f -
        2128 max a i 1186 1186 0 f f -
        2129 max a i 25 25 0 f f -
        2130 max a i 1700 1700 0 f f -
        2244 max a i 1042 1042 0 f f -
        2797 max a i 27 27 0 f f -
        3564 max a i 869 869 0 f f -
        4189 max a i 3220 3220 0 f f -
        5099 max a i 5069 5069 0 f f -
        2311 md5 f i 25 25 0 f f -
        2321 md5 f i 17 25 0 f f -
        2051 min a i 2277 2277 0 f f -
        2131 min a i 20 20 0 f f -
        2132 min a i 23 23 0 f f -
        2133 min a i 21 21 0 f f -
        2134 min a i 26 26 0 f f -
        2135 min a i 700 700 0 f f -
        2136 min a i 701 701 0 f f -
        2138 min a i 1082 1082 0 f f -
        2139 min a i 1083 1083 0 f f -
        2140 min a i 1266 1266 0 f f -
        2141 min a i 790 790 0 f f -
        2142 min a i 1114 1114 0 f f -
        2143 min a i 1184 1184 0 f f -
        2144 min a i 1186 1186 0 f f -
        2145 min a i 25 25 0 f f -
        2146 min a i 1700 1700 0 f f -
        2245 min a i 1042 1042 0 f f -
        2798 min a i 27 27 0 f f -
        3565 min a i 869 869 0 f f -
        4190 min a i 3220 3220 0 f f -
        5100 min a i 5069 5069 0 f f -
        3984 mode a i 2283 2283 0 f f -
        407 name f i 25 19 0 f f -
        409 name f i 1042 19 0 f f -
        1400 name f i 1043 19 0 f f -
        1574 nextval f v 2205 20 0 f f -
        1299 now f s - 1184 0 f f -
        3105 ntile w i 23 23 0 f f -
        1703 numeric f i 1700,23 1700 0 f f -
        1740 numeric f i 23 1700 0 f f -
        1742 numeric f i 700 1700 0 f f -
        1743 numeric f i 701 1700 0 f f -
        1781 numeric f i 20 1700 0 f f -
        1782 numeric f i 21 1700 0 f f -
        3449 numeric f i 3802 1700 0 f f -
        3823 numeric f s 790 1700 0 f f -
        749 overlay f i 17,17,23,23 17 0 f f -
        752 overlay f i 17,17,23 17 0 f f -
        1404 overlay f i 25,25,23,23 25 0 f f -
        1405 overlay f i 25,25,23 25 0 f f -
        3030 overlay f i 1560,1560,23,23 1560 0 f f -
        3031 overlay f i 1560,1560,23 1560 0 f f -
        3974 percentile_cont a i 701,701 701 0 f f -
        3976 percentile_cont a i 701,1186 1186 0 f f -
        3980 percentile_cont a i 1022,701 1022 0 f f -
        3982 percentile_cont a i 1022,1186 1187 0 f f -
        2880 pg_advisory_lock f v 20 2278 0 f f -
        2886 pg_advisory_lock f v 23,23 2278 0 f f -
        3786 pg_create_logical_replication_slot f v 19,19,16,16 2249 2 f f slot_name:19,lsn:3220
        3782 pg_logical_slot_get_changes f v 19,3220,23,1009 2249 1 t t lsn:3220,xid:28,data:25
        2625 pg_ls_dir f v 25 25 0 f t -
        3297 pg_ls_dir f v 25,16,16 25 0 f t -
        3036 pg_notify f v 25,25 2278 0 f f -
        2624 pg_read_file f v 25,20,20 25 0 f f -
        3293 pg_read_file f v 25,20,20,16 25 0 f f -
        3826 pg_read_file f v 25 25 0 f f -
        2621 pg_reload_conf f v - 16 0 f f -
        2626 pg_sleep f v 701 2278 0 f f -
        2022 pg_stat_get_activity f s 23 2249 0 f t datid:26,pid:23,usesysid:26,application_name:25,state:25,query:25,wait_event_type:25,wait_event:25,xact_start:1184,query_start:1184,backend_start:1184,state_change:1184,client_addr:869,client_hostname:25,client_port:23,backend_xid:28,backend_xmin:28,backend_type:25,ssl:16,sslversion:25,sslcipher:25,sslbits:23,ssl_client_dn:25,ssl_client_serial:1700,ssl_issuer_dn:25,gss_auth:16,gss_princ:25,gss_enc:16,leader_pid:23,query_id:20
        2079 pg_table_is_visible f s 26 16 0 f f -
        2096 pg_terminate_backend f v 23,20 16 1 f f -
        1619 pg_typeof f s 2276 2206 0 f f -
        849 position f i 25,25 23 0 f f -
        1698 position f i 1560,1560 23 0 f f -
        2014 position f i 17,17 23 0 f f -
        2924 query_to_xml f v 25,16,16,25 142 0 f f -
        1598 random f v - 701 0 f f -
        3101 rank w i - 20 0 f f -
        3986 rank a i 2276 20 0 t f -
        2284 regexp_replace f i 25,25,25 25 0 f f -
        2285 regexp_replace f i 25,25,25,25 25 0 f f -
        6251 regexp_replace f i 25,25,25,23,23,25 25 0 f f -
        6252 regexp_replace f i 25,25,25,23,23 25 0 f f -
        6253 regexp_replace f i 25,25,25,23 25 0 f f -
        2087 replace f i 25,25,25 25 0 f f -
        3061 right f i 25,23 25 0 f f -
        3100 row_number w i - 20 0 f f -
        3155 row_to_json f s 2249 114 0 f f -
        3156 row_to_json f s 2249,16 114 0 f f -
        2933 schema_to_xml f s 19,16,16,25 142 0 f f -
        2078 set_config f v 25,25,16 25 0 f f -
        1576 setval f v 2205,20 20 0 f f -
        1765 setval f v 2205,20,16 20 0 f f -
        3420 sha256 f i 17 17 0 f f -
        1986 similar_to_escape f i 25,25 25 0 f f -
        1987 similar_to_escape f i 25 25 0 f f -
        2088 split_part f i 25,25,23 25 0 f f -
        3538 string_agg a i 25,25 25 0 f f -
        3545 string_agg a i 17,17 17 0 f f -
        6160 string_to_table f i 25,25 25 0 f t -
        6161 string_to_table f i 25,25,25 25 0 f t -
        877 substr f i 25,23,23 25 0 f f -
        883 substr f i 25,23 25 0 f f -
        2085 substr f i 17,23,23 17 0 f f -
        2086 substr f i 17,23 17 0 f f -
        936 substring f i 25,23,23 25 0 f f -
        937 substring f i 25,23 25 0 f f -
        1680 substring f i 1560,23,23 1560 0 f f -
        1699 substring f i 1560,23 1560 0 f f -
        2012 substring f i 17,23,23 17 0 f f -
        2013 substring f i 17,23 17 0 f f -
        2073 substring f i 25,25 25 0 f f -
        2074 substring f i 25,25,25 25 0 f f -
        2107 sum a i 20 1700 0 f f -
        2108 sum a i 23 20 0 f f -
        2109 sum a i 21 20 0 f f -
        2110 sum a i 700 700 0 f f -
        2111 sum a i 701 701 0 f f -
        2112 sum a i 790 790 0 f f -
        2113 sum a i 1186 1186 0 f f -
        2114 sum a i 1700 1700 0 f f -
        2923 table_to_xml f s 2205,16,16,25 142 0 f f -
        401 text f i 1042 25 0 f f -
        406 text f i 19 25 0 f f -
        730 text f i 869 25 0 f f -
        946 text f i 18 25 0 f f -
        2922 text f i 142 25 0 f f -
        2971 text f i 16 25 0 f f -
        1768 to_char f s 1186,25 25 0 f f -
        1770 to_char f s 1184,25 25 0 f f -
        1772 to_char f s 1700,25 25 0 f f -
        1773 to_char f s 23,25 25 0 f f -
        1774 to_char f s 20,25 25 0 f f -
        2049 to_char f s 1114,25 25 0 f f -
        3176 to_json f s 2283 114 0 f f -
        3787 to_jsonb f s 2283 3802 0 f f -
        3746 to_tsquery f i 3734,25 3615 0 f f -
        3750 to_tsquery f s 25 3615 0 f f -
        3745 to_tsvector f i 3734,25 3614 0 f f -
        3749 to_tsvector f s 25 3614 0 f f -
        4209 to_tsvector f s 3802 3614 0 f f -
        4210 to_tsvector f s 114 3614 0 f f -
        4211 to_tsvector f i 3734,3802 3614 0 f f -
        4212 to_tsvector f i 3734,114 3614 0 f f -
        878 translate f i 25,25,25 25 0 f f -
        3743 ts_headline f i 3734,25,3615,25 25 0 f f -
        3744 ts_headline f i 3734,25,3615 25 0 f f -
        3754 ts_headline f s 25,3615,25 25 0 f f -
        3755 ts_headline f s 25,3615 25 0 f f -
        4201 ts_headline f i 3734,3802,3615,25 3802 0 f f -
        4202 ts_headline f i 3734,3802,3615 3802 0 f f -
        4203 ts_headline f s 3802,3615,25 3802 0 f f -
        4204 ts_headline f s 3802,3615 3802 0 f f -
        4205 ts_headline f i 3734,114,3615,25 114 0 f f -
        4206 ts_headline f i 3734,114,3615 114 0 f f -
        4207 ts_headline f s 114,3615,25 114 0 f f -
        4208 ts_headline f s 114,3615 114 0 f f -
        3684 ts_rewrite f i 3615,3615,3615 3615 0 f f -
        3685 ts_rewrite f v 3615,25 3615 0 f f -
        3689 ts_stat f v 25 2249 0 f t word:25,ndoc:23,nentry:23
        3690 ts_stat f v 25,25 2249 0 f t word:25,ndoc:23,nentry:23
        2331 unnest f i 2277 2283 0 f t -
        3322 unnest f i 3614 2249 0 f t lexeme:25,positions:1005,weights:1009
        871 upper f i 25 25 0 f f -
        3849 upper f i 3831 2283 0 f f -
        669 varchar f i 1043,23,16 1043 0 f f -
        89 version f s - 25 0 f f -
        2931 xpath f i 25,142,1009 143 0 f f -
        2932 xpath f i 25,142 143 0 f f -
        """

    /// oid, name, left, right, result, function
    static let operators = """
        640 !~ 19 25 16 1252
        642 !~ 25 25 16 1256
        1208 !~~ 19 25 16 859
        1210 !~~ 25 25 16 851
        1626 !~~* 19 25 16 1636
        1628 !~~* 25 25 16 1634
        439 % 20 20 20 945
        530 % 23 23 23 156
        1762 % 1700 1700 1700 1729
        514 * 23 23 23 141
        686 * 20 20 20 465
        690 * 20 23 20 1276
        694 * 23 20 20 1280
        1760 * 1700 1700 1700 1726
        551 + 23 23 23 177
        684 + 20 20 20 463
        688 + 20 23 20 1274
        692 + 23 20 20 1278
        1076 + 1082 1186 1114 2071
        1100 + 1082 23 1082 1141
        1327 + 1184 1186 1184 1189
        1337 + 1186 1186 1186 1169
        1758 + 1700 1700 1700 1724
        1916 + 0 20 20 1910
        1918 + 0 23 23 1912
        1921 + 0 1700 1700 1915
        2551 + 1186 1082 1114 2546
        2554 + 1186 1184 1184 2549
        2555 + 23 1082 1082 2550
        484 - 0 20 20 462
        555 - 23 23 23 181
        558 - 0 23 23 212
        685 - 20 20 20 464
        689 - 20 23 20 1275
        693 - 23 20 20 1279
        1077 - 1082 1186 1114 2072
        1099 - 1082 1082 23 1140
        1101 - 1082 23 1082 1142
        1328 - 1184 1184 1186 1188
        1329 - 1184 1186 1184 1190
        1336 - 0 1186 1186 1168
        1338 - 1186 1186 1186 1170
        1751 - 0 1700 1700 1771
        1759 - 1700 1700 1700 1725
        3285 - 3802 25 3802 3302
        3286 - 3802 23 3802 3303
        3211 -> 3802 25 3802 3478
        3212 -> 3802 23 3802 3215
        3477 ->> 3802 25 25 3214
        3481 ->> 3802 23 25 3216
        528 / 23 23 23 154
        687 / 20 20 20 466
        691 / 20 23 20 1277
        695 / 23 20 20 1281
        1761 / 1700 1700 1700 1727
        37 < 23 20 16 854
        58 < 16 16 16 56
        97 < 23 23 16 66
        255 < 19 25 16 241
        261 < 25 19 16 248
        412 < 20 20 16 469
        418 < 20 23 16 476
        609 < 26 26 16 716
        660 < 19 19 16 655
        664 < 25 25 16 740
        1072 < 2277 2277 16 391
        1095 < 1082 1082 16 1087
        1322 < 1184 1184 16 1154
        1332 < 1186 1186 16 1164
        1754 < 1700 1700 16 1722
        2358 < 1082 1184 16 2351
        2384 < 1184 1082 16 2377
        2799 < 27 27 16 2791
        2974 < 2950 2950 16 2954
        2990 < 2249 2249 16 2983
        3242 < 3802 3802 16 4039
        80 <= 23 20 16 856
        256 <= 19 25 16 242
        262 <= 25 19 16 249
        414 <= 20 20 16 471
        420 <= 20 23 16 478
        523 <= 23 23 16 149
        611 <= 26 26 16 717
        661 <= 19 19 16 656
        665 <= 25 25 16 741
        1074 <= 2277 2277 16 393
        1096 <= 1082 1082 16 1088
        1323 <= 1184 1184 16 1155
        1333 <= 1186 1186 16 1165
        1694 <= 16 16 16 1691
        1755 <= 1700 1700 16 1723
        2359 <= 1082 1184 16 2352
        2385 <= 1184 1082 16 2378
        2801 <= 27 27 16 2793
        2976 <= 2950 2950 16 2955
        2992 <= 2249 2249 16 2985
        3244 <= 3802 3802 16 4041
        36 <> 23 20 16 853
        85 <> 16 16 16 84
        259 <> 19 25 16 245
        265 <> 25 19 16 252
        402 <> 27 27 16 1265
        411 <> 20 20 16 468
        417 <> 20 23 16 475
        518 <> 23 23 16 144
        531 <> 25 25 16 157
        608 <> 26 26 16 185
        643 <> 19 19 16 659
        1071 <> 2277 2277 16 390
        1094 <> 1082 1082 16 1091
        1321 <> 1184 1184 16 1153
        1331 <> 1186 1186 16 1163
        1753 <> 1700 1700 16 1719
        2363 <> 1082 1184 16 2356
        2389 <> 1184 1082 16 2382
        2973 <> 2950 2950 16 2959
        2989 <> 2249 2249 16 2982
        3241 <> 3802 3802 16 4038
        15 = 23 20 16 852
        91 = 16 16 16 60
        93 = 19 19 16 62
        96 = 23 23 16 65
        98 = 25 25 16 67
        254 = 19 25 16 240
        260 = 25 19 16 247
        387 = 27 27 16 1292
        410 = 20 20 16 467
        416 = 20 23 16 474
        607 = 26 26 16 184
        1070 = 2277 2277 16 744
        1093 = 1082 1082 16 1086
        1320 = 1184 1184 16 1152
        1330 = 1186 1186 16 1162
        1752 = 1700 1700 16 1718
        2360 = 1082 1184 16 2353
        2386 = 1184 1082 16 2379
        2972 = 2950 2950 16 2956
        2988 = 2249 2249 16 2981
        3240 = 3802 3802 16 4043
        59 > 16 16 16 57
        76 > 23 20 16 855
        258 > 19 25 16 244
        264 > 25 19 16 251
        413 > 20 20 16 470
        419 > 20 23 16 477
        521 > 23 23 16 147
        610 > 26 26 16 1638
        662 > 19 19 16 657
        666 > 25 25 16 742
        1073 > 2277 2277 16 392
        1097 > 1082 1082 16 1089
        1324 > 1184 1184 16 1157
        1334 > 1186 1186 16 1167
        1756 > 1700 1700 16 1720
        2362 > 1082 1184 16 2354
        2388 > 1184 1082 16 2380
        2800 > 27 27 16 2790
        2975 > 2950 2950 16 2958
        2991 > 2249 2249 16 2984
        3243 > 3802 3802 16 4040
        82 >= 23 20 16 857
        257 >= 19 25 16 243
        263 >= 25 19 16 250
        415 >= 20 20 16 472
        430 >= 20 23 16 479
        525 >= 23 23 16 150
        612 >= 26 26 16 1639
        663 >= 19 19 16 658
        667 >= 25 25 16 743
        1075 >= 2277 2277 16 396
        1098 >= 1082 1082 16 1090
        1325 >= 1184 1184 16 1156
        1335 >= 1186 1186 16 1166
        1695 >= 16 16 16 1692
        1757 >= 1700 1700 16 1721
        2361 >= 1082 1184 16 2355
        2387 >= 1184 1082 16 2381
        2802 >= 27 27 16 2792
        2977 >= 2950 2950 16 2957
        2993 >= 2249 2249 16 2986
        3245 >= 3802 3802 16 4042
        2751 @> 2277 2277 16 2748
        3246 @> 3802 3802 16 4046
        3877 ^@ 25 25 16 3696
        349 || 5078 5077 5078 378
        374 || 5077 5078 5078 379
        375 || 5078 5078 5078 383
        654 || 25 25 25 1258
        2779 || 25 2776 25 2003
        2780 || 2776 25 25 2004
        3284 || 3802 3802 3802 3301
        639 ~ 19 25 16 79
        641 ~ 25 25 16 1254
        1883 ~ 0 23 23 1901
        1889 ~ 0 20 20 1907
        1226 ~* 19 25 16 1240
        1228 ~* 25 25 16 1238
        1207 ~~ 19 25 16 858
        1209 ~~ 25 25 16 850
        1625 ~~* 19 25 16 1635
        1627 ~~* 25 25 16 1633
        """

    /// oid, source, target, function, context
    static let casts = """
        10000 20 21 714 a
        10001 20 23 480 a
        10002 20 700 652 i
        10003 20 701 482 i
        10004 20 1700 1781 i
        10005 21 20 754 i
        10006 21 23 313 i
        10007 21 700 236 i
        10008 21 701 235 i
        10009 21 1700 1782 i
        10010 23 20 481 i
        10011 23 21 314 a
        10012 23 700 318 i
        10013 23 701 316 i
        10014 23 1700 1740 i
        10015 700 20 653 a
        10016 700 21 238 a
        10017 700 23 319 a
        10018 700 701 311 i
        10019 700 1700 1742 a
        10020 701 20 483 a
        10021 701 21 237 a
        10022 701 23 317 a
        10023 701 700 312 a
        10024 701 1700 1743 a
        10025 1700 20 1779 a
        10026 1700 21 1783 a
        10027 1700 23 1744 a
        10028 1700 700 1745 i
        10029 1700 701 1746 i
        10030 790 1700 3823 a
        10031 1700 790 3824 a
        10032 23 790 3811 a
        10033 20 790 3812 a
        10034 23 16 2557 e
        10035 16 23 2558 e
        10036 5069 28 5071 e
        10037 20 26 1287 i
        10038 21 26 313 i
        10039 23 26 0 i
        10040 26 20 1288 a
        10041 26 23 0 a
        10042 26 24 0 i
        10043 24 26 0 i
        10044 20 24 1287 i
        10045 21 24 313 i
        10046 23 24 0 i
        10047 24 20 1288 a
        10048 24 23 0 a
        10074 26 2205 0 i
        10075 2205 26 0 i
        10076 20 2205 1287 i
        10077 21 2205 313 i
        10078 23 2205 0 i
        10079 2205 20 1288 a
        10080 2205 23 0 a
        10088 26 2206 0 i
        10089 2206 26 0 i
        10090 20 2206 1287 i
        10091 21 2206 313 i
        10092 23 2206 0 i
        10093 2206 20 1288 a
        10094 2206 23 0 a
        10095 26 3734 0 i
        10096 3734 26 0 i
        10097 20 3734 1287 i
        10098 21 3734 313 i
        10099 23 3734 0 i
        10100 3734 20 1288 a
        10101 3734 23 0 a
        10109 25 2205 1079 i
        10110 1043 2205 1079 i
        10118 26 4089 0 i
        10119 4089 26 0 i
        10120 20 4089 1287 i
        10121 21 4089 313 i
        10122 23 4089 0 i
        10123 4089 20 1288 a
        10124 4089 23 0 a
        10125 25 1042 0 i
        10126 25 1043 0 i
        10127 1042 25 401 i
        10128 1042 1043 401 i
        10129 1043 25 0 i
        10130 1043 1042 0 i
        10131 18 25 946 i
        10132 18 1042 860 a
        10133 18 1043 946 a
        10134 19 25 406 i
        10135 19 1042 408 a
        10136 19 1043 1401 a
        10137 25 18 944 a
        10138 1042 18 944 a
        10139 1043 18 944 a
        10140 25 19 407 i
        10141 1042 19 409 i
        10142 1043 19 1400 i
        10143 18 23 77 e
        10144 23 18 78 e
        10152 1082 1114 2024 i
        10153 1082 1184 1174 i
        10154 1083 1186 1370 i
        10155 1083 1266 2047 i
        10156 1114 1082 2029 a
        10157 1114 1083 1316 a
        10158 1114 1184 2028 i
        10159 1184 1082 1178 a
        10160 1184 1083 2019 a
        10161 1184 1114 2027 a
        10162 1184 1266 1388 a
        10163 1186 1083 1419 a
        10164 1266 1083 2046 a
        10185 20 1560 2075 e
        10186 23 1560 1683 e
        10187 1560 20 2076 e
        10188 1560 23 1684 e
        10190 869 25 730 a
        10191 16 25 2971 a
        10192 142 25 0 a
        10193 25 142 2896 e
        10195 869 1043 730 a
        10196 16 1043 2971 a
        10197 142 1043 0 a
        10198 1043 142 2896 e
        10200 869 1042 730 a
        10201 16 1042 2971 a
        10202 142 1042 0 a
        10203 1042 142 2896 e
        10204 1042 1042 668 i
        10205 1043 1043 669 i
        10206 1083 1083 1968 i
        10207 1114 1114 1961 i
        10208 1184 1184 1967 i
        10209 1186 1186 1200 i
        10210 1266 1266 1969 i
        10211 1560 1560 1685 i
        10213 1700 1700 1703 i
        10214 114 3802 0 a
        10215 3802 114 0 a
        10216 3802 16 3556 e
        10217 3802 1700 3449 e
        10218 3802 21 3450 e
        10219 3802 23 3451 e
        10220 3802 20 3452 e
        10221 3802 700 3453 e
        10222 3802 701 2580 e
        """
}
