import CSQLite
import Glibc

/// One SQLite connection, used from one thread at a time.
@safe
final class Database {
    private let handle: OpaquePointer
    /// Prepared once each, by their text.
    private var statements: [String: Statement] = [:]

    /// Milliseconds to wait for another process, such as `weirctl verify`, to let go of its lock.
    private static let busyTimeout: Int32 = 5_000

    /// Opens the file; makes it unless `isReadOnly`.
    init(path: String, isReadOnly: Bool) throws(StoreError) {
        // SQLite gives its files the mode of the first: evidence is for its owner alone.
        if !isReadOnly { close(unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)) }
        var handle: OpaquePointer?
        let flags = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let status = unsafe sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard let opened = unsafe handle else { throw .database(message: "out of memory") }
        guard status == SQLITE_OK else {
            let message = unsafe String(cString: sqlite3_errmsg(opened))
            unsafe sqlite3_close_v2(opened)
            throw .database(message: "\(path): \(message)")
        }
        unsafe sqlite3_busy_timeout(opened, Self.busyTimeout)
        unsafe self.handle = opened
    }

    deinit {
        statements.removeAll()
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs statements that return nothing.
    func execute(_ sql: String) throws(StoreError) {
        guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError() }
    }

    /// Runs a statement, and `row` for each of its rows.
    func run(
        _ sql: String, _ values: [Value] = [], row: (borrowing Row) throws(StoreError) -> Void = { _ in }
    ) throws(StoreError) {
        let statement = try prepared(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() {
            guard statement.bind(value, at: Int32(index + 1)) else { throw lastError() }
        }
        while true {
            switch statement.step() {
            case SQLITE_ROW: try row(Row(statement))
            case SQLITE_DONE: return
            default: throw lastError()
            }
        }
    }

    /// All or nothing: what `body` did is durable once this returns.
    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try execute("BEGIN IMMEDIATE")
        let result: Result
        do {
            result = try body()
            try execute("COMMIT")
        } catch {
            // The first error is the one to tell; SQLite may have rolled back by itself.
            try? execute("ROLLBACK")
            throw error
        }
        return result
    }

    private func prepared(_ sql: String) throws(StoreError) -> Statement {
        if let statement = statements[sql] { return statement }
        var handle: OpaquePointer?
        guard
            unsafe sqlite3_prepare_v3(self.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
                == SQLITE_OK, let opened = unsafe handle
        else { throw lastError() }
        let statement = unsafe Statement(opened)
        statements[sql] = statement
        return statement
    }

    private func lastError() -> StoreError {
        unsafe .database(message: String(cString: sqlite3_errmsg(handle)))
    }
}

extension Database {
    enum Value {
        case integer(Int64)
        case text(String)
        case blob([UInt8])
        case null
    }

    /// The row a statement stands on; columns count from 0.
    struct Row: ~Copyable {
        private let statement: Statement

        fileprivate init(_ statement: Statement) { self.statement = statement }

        func integer(_ column: Int32) -> Int64 { statement.integer(column) }
        func text(_ column: Int32) -> String { String(decoding: statement.bytes(column), as: UTF8.self) }
        func blob(_ column: Int32) -> [UInt8] { statement.bytes(column) }
        func isNull(_ column: Int32) -> Bool { statement.isNull(column) }
    }
}

/// A prepared statement.
@safe
private final class Statement {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit { unsafe sqlite3_finalize(handle) }

    func bind(_ value: Database.Value, at index: Int32) -> Bool {
        let status =
            switch value {
            case .integer(let number): unsafe sqlite3_bind_int64(handle, index, number)
            case .text(let text):
                unsafe weir_sqlite3_bind_text(handle, index, text, Int32(text.utf8.count))
            case .blob(let bytes):
                unsafe weir_sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count))
            case .null: unsafe sqlite3_bind_null(handle, index)
            }
        return status == SQLITE_OK
    }

    func step() -> Int32 { unsafe sqlite3_step(handle) }

    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
