/// The tables of the store. Rows of `records` and `nodes` are only ever added.
enum Schema {
    /// `PRAGMA application_id`: "Weir" in ASCII.
    static let applicationID: Int64 = 0x5765_6972
    /// `PRAGMA user_version`.
    static let version: Int64 = 2

    /// What brings a store of version 1 up to date: sessions have attributes since.
    static let sinceVersion1 = """
        ALTER TABLE sessions ADD COLUMN attributes TEXT NOT NULL DEFAULT '';
        PRAGMA user_version = \(version);
        """

    static let settings = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        """

    static let tables = """
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);

        -- Each gateway, and the sink itself as number 1; the last record's sequence number, hash and time.
        CREATE TABLE gateways (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key BLOB NOT NULL, first_contact INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL, last_hash BLOB NOT NULL, last_time INTEGER NOT NULL) STRICT;

        -- The log: a leaf of the tree each, in order of arrival, byte for byte without the line feed.
        CREATE TABLE records (
            position INTEGER PRIMARY KEY, gateway INTEGER NOT NULL REFERENCES gateways,
            sequence INTEGER NOT NULL, session BLOB, hash BLOB NOT NULL, line BLOB NOT NULL,
            UNIQUE (gateway, sequence)) STRICT;
        CREATE INDEX records_session ON records (session, position) WHERE session IS NOT NULL;

        -- Complete subtrees: 2^level leaves from leaf number · 2^level on.
        CREATE TABLE nodes (
            level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
            PRIMARY KEY (level, number)) STRICT, WITHOUT ROWID;

        CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;

        -- What the records tell of each session, for searching; a refused log-in is a row without a session.
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY, session BLOB UNIQUE, gateway INTEGER NOT NULL REFERENCES gateways,
            position INTEGER NOT NULL, subject TEXT NOT NULL, groups TEXT NOT NULL, proof TEXT NOT NULL,
            claimed_user TEXT NOT NULL, connection TEXT NOT NULL, database TEXT NOT NULL,
            application_name TEXT NOT NULL, client_address TEXT NOT NULL, client_tls TEXT NOT NULL,
            started INTEGER NOT NULL, ended INTEGER, end_reason TEXT NOT NULL DEFAULT '',
            state TEXT NOT NULL, statements INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
            masked INTEGER NOT NULL DEFAULT 0, rows INTEGER NOT NULL DEFAULT 0,
            bytes_out INTEGER NOT NULL DEFAULT 0, bytes_in INTEGER NOT NULL DEFAULT 0,
            attributes TEXT NOT NULL DEFAULT '') STRICT;
        CREATE INDEX sessions_started ON sessions (started);
        CREATE INDEX sessions_subject ON sessions (subject, started);

        -- One incident of a kind is recorded once.
        CREATE TABLE incidents (
            gateway TEXT NOT NULL, kind TEXT NOT NULL, sequence INTEGER NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (gateway, kind, sequence)) STRICT, WITHOUT ROWID;
        """
}
