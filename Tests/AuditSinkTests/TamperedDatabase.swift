import CSQLite

/// Somebody with access to the sink's file.
enum TamperedDatabase {
    struct Refused: Error {
        let message: String
    }

    static func run(_ sql: String, in path: String) throws {
        var handle: OpaquePointer?
        guard unsafe sqlite3_open(path, &handle) == SQLITE_OK else { throw Refused(message: "open") }
        defer { unsafe sqlite3_close(handle) }
        guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw Refused(message: unsafe String(cString: sqlite3_errmsg(handle)))
        }
    }
}
