import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Log-in, transactions, errors, notices, cancels, and the end of a session. */
final class Sessions extends Play {
    static Map<String, Check<Sessions>> checks() {
        Map<String, Check<Sessions>> all = new LinkedHashMap<>();
        all.put("connection", Sessions::connection);
        all.put("startup parameters", Sessions::startupParameters);
        all.put("wrong password", Sessions::wrongPassword);
        all.put("no such database", Sessions::noSuchDatabase);
        all.put("transactions", Sessions::transactions);
        all.put("savepoints", Sessions::savepoints);
        all.put("read-only and isolation", Sessions::isolation);
        all.put("errors", Sessions::errors);
        all.put("warnings", Sessions::warnings);
        all.put("notifications", Sessions::notifications);
        all.put("cancel", Sessions::cancel);
        all.put("query timeout", Sessions::queryTimeout);
        all.put("schema", Sessions::schema);
        all.put("validity and network timeout", Sessions::validity);
        all.put("connection ended by the server", Sessions::terminated);
        all.put("threads", Sessions::threads);
        return all;
    }

    private void connection() throws Exception {
        Connection connection = connect();
        show(connection, "SELECT current_user, session_user, current_database(), current_schema()");
        DatabaseMetaData about = connection.getMetaData();
        say(about.getDatabaseProductName() + " " + about.getDatabaseProductVersion() + " " + about.getUserName());
        PGConnection own = connection.unwrap(PGConnection.class);
        say("backend known: " + (own.getBackendPID() != 0));
        try (Statement statement = connection.createStatement()) {
            ResultSet result = statement.executeQuery("SELECT pg_backend_pid()");
            result.next();
            say("backend is the server's own: " + (result.getInt(1) == own.getBackendPID()));
        }
        Map<String, String> told = new java.util.TreeMap<>(own.getParameterStatuses());
        say(told.toString());
        connection.close();
        say("closed: " + connection.isClosed());
    }

    private void startupParameters() throws Exception {
        Connection connection = connect(
                "ApplicationName", "driver check", "options", "-c work_mem=5MB -c search_path=pg_catalog,public",
                "currentSchema", "information_schema");
        show(connection, "SHOW application_name");
        show(connection, "SHOW work_mem");
        show(connection, "SHOW search_path");
        show(connection, "SHOW client_encoding");
        show(connection, "SHOW extra_float_digits");
        fails(() -> connect("options", "-c no.such=1 -c work_mem=nonsense"));
    }

    private void wrongPassword() throws Exception {
        fails(() -> connect("password", "not the password"));
    }

    private void noSuchDatabase() throws Exception {
        fails(() -> DriverManager.getConnection(url.replaceAll("/[^/?]*(\\?|$)", "/no_such_database$1"), properties));
    }

    private void transactions() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE t (a int)");
        connection.setAutoCommit(false);
        run(connection, "INSERT INTO t VALUES (1)");
        connection.commit();
        run(connection, "INSERT INTO t VALUES (2)");
        connection.rollback();
        show(connection, "SELECT * FROM t");
        try {
            run(connection, "SELECT 1 / 0");
        } catch (SQLException failure) {
            say(described(failure));
        }
        fails(() -> {
            show(connection, "SELECT 1");
            return "a row";
        });
        fails(() -> {
            connection.commit();
            return "a commit";
        });
        connection.rollback();
        show(connection, "SELECT count(*) FROM t");
        connection.setAutoCommit(true);
        run(connection, "CREATE TEMP TABLE d (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        connection.setAutoCommit(false);
        run(connection, "INSERT INTO d VALUES (1), (1)");
        fails(() -> {
            connection.commit();
            return "a commit";
        });
    }

    private void savepoints() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE s (a int)");
        connection.setAutoCommit(false);
        run(connection, "INSERT INTO s VALUES (1)");
        Savepoint named = connection.setSavepoint("a \"name\"");
        run(connection, "INSERT INTO s VALUES (2)");
        Savepoint inner = connection.setSavepoint();
        fails(() -> {
            run(connection, "INSERT INTO s VALUES ('x')");
            return "an insert";
        });
        connection.rollback(inner);
        run(connection, "INSERT INTO s VALUES (3)");
        connection.releaseSavepoint(inner);
        show(connection, "SELECT a FROM s ORDER BY a");
        connection.rollback(named);
        connection.commit();
        show(connection, "SELECT a FROM s ORDER BY a");
    }

    private void isolation() throws Exception {
        Connection connection = connect();
        for (int level : new int[] {
            Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ,
                    Connection.TRANSACTION_SERIALIZABLE
        }) {
            connection.setTransactionIsolation(level);
            say(level + " " + (connection.getTransactionIsolation() == level));
            show(connection, "SHOW transaction_isolation");
        }
        connection.setReadOnly(true);
        fails(() -> {
            run(connection, "CREATE TABLE never (a int)");
            return "a table";
        });
        connection.setAutoCommit(false);
        fails(() -> {
            run(connection, "CREATE TABLE never (a int)");
            return "a table";
        });
        connection.rollback();
        connection.setReadOnly(false);
        show(connection, "SHOW transaction_read_only");
    }

    private void errors() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE e (a int CONSTRAINT positive CHECK (a > 0), b int NOT NULL, UNIQUE (a))",
                "INSERT INTO e VALUES (1, 1)");
        for (String sql : new String[] {
            "SELEC 1", "SELECT * FROM no_such_table", "SELECT no_such_column FROM e", "SELECT no_such_function(1)",
            "INSERT INTO e VALUES (-1, 1)", "INSERT INTO e VALUES (1, 1)", "INSERT INTO e VALUES (2, NULL)",
            "SELECT 1 / 0", "SELECT 'x'::int", "SELECT 'unfinished", "SELECT '\\x'::bytea, repeat('x', -1)::int",
            "RAISE", "SELECT pg_sleep('x')", "SET work_mem = 'much'", "EXECUTE nothing", "FETCH nothing",
        }) {
            try {
                run(connection, sql);
                say("no error: " + sql);
            } catch (PSQLException failure) {
                ServerErrorMessage told = failure.getServerErrorMessage();
                if (told == null) {
                    say("the driver itself: " + described(failure));
                    continue;
                }
                say(failure.getSQLState() + " " + told.getSeverity() + " " + told.getMessage() + " | "
                        + told.getDetail() + " | "
                        + told.getHint() + " | " + told.getPosition() + " | " + told.getWhere() + " | "
                                + told.getTable()
                        + " | " + told.getColumn() + " | " + told.getConstraint() + " | " + told.getRoutine());
            }
        }
    }

    private void warnings() throws Exception {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("DO $$ BEGIN RAISE NOTICE 'one'; "
                    + "RAISE WARNING 'two' USING HINT = 'a hint', ERRCODE = '01999'; END $$");
            for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                say(warning.getSQLState() + " " + warning.getMessage());
            }
            statement.clearWarnings();
            statement.execute("DROP TABLE IF EXISTS never_was");
            say(String.valueOf(statement.getWarnings()));
        }
        run(connection, "COMMIT");
        say(String.valueOf(connection.getWarnings()));
    }

    private void notifications() throws Exception {
        Connection listener = connect();
        Connection notifier = connect();
        run(listener, "LISTEN \"a channel\"", "LISTEN other");
        run(notifier, "NOTIFY \"a channel\", 'payload'", "SELECT pg_notify('other', 'computed')");
        PGConnection own = listener.unwrap(PGConnection.class);
        int sender = notifier.unwrap(PGConnection.class).getBackendPID();
        int seen = 0;
        while (seen < 2) {
            PGNotification[] notes = own.getNotifications(10000);
            if (notes == null || notes.length == 0) throw new IllegalStateException("no notification");
            for (PGNotification note : notes) {
                say(note.getName() + " " + note.getParameter() + " from the sender: " + (note.getPID() == sender));
                seen++;
            }
        }
        run(listener, "UNLISTEN *");
        run(notifier, "NOTIFY other");
        run(listener, "SELECT 1");
        say("after UNLISTEN " + own.getNotifications().length);
    }

    private void cancel() throws Exception {
        Connection connection = connect();
        Connection watcher = connect();
        int backend = connection.unwrap(PGConnection.class).getBackendPID();
        try (Statement statement = connection.createStatement();
                PreparedStatement activity = watcher.prepareStatement(
                        "SELECT count(*) FROM pg_stat_activity WHERE pid = ? AND wait_event = 'PgSleep'")) {
            Thread canceller = new Thread(() -> {
                try {
                    activity.setInt(1, backend);
                    ResultSet result;
                    do {
                        result = activity.executeQuery();
                        result.next();
                    } while (result.getInt(1) == 0);
                    statement.cancel();
                } catch (SQLException failure) {
                    say(described(failure));
                }
            });
            canceller.start();
            fails(() -> statement.execute("SELECT pg_sleep(30)"));
            canceller.join();
            statement.cancel();
            show(connection, "SELECT 'still there'");
        }
    }

    private void queryTimeout() throws Exception {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            fails(() -> statement.execute("SELECT pg_sleep(30)"));
            statement.setQueryTimeout(0);
            show(statement.executeQuery("SELECT 'still there'"));
        }
        run(connection, "SET statement_timeout = '100ms'");
        fails(() -> {
            run(connection, "SELECT pg_sleep(30)");
            return "rest";
        });
    }

    private void schema() throws Exception {
        Connection connection = connect();
        run(connection, "DROP SCHEMA IF EXISTS elsewhere CASCADE", "CREATE SCHEMA elsewhere",
                "CREATE TABLE elsewhere.w (a int)",
                "INSERT INTO elsewhere.w VALUES (1)", "CREATE TEMP TABLE x (a text)",
                        "INSERT INTO x VALUES ('temporary')",
                "CREATE TABLE elsewhere.x (a text)", "INSERT INTO elsewhere.x VALUES ('permanent')");
        connection.setSchema("elsewhere");
        say(connection.getSchema());
        show(connection, "SELECT a FROM w");
        show(connection, "SELECT a FROM x");
        connection.setAutoCommit(false);
        run(connection, "SET LOCAL search_path = public");
        fails(() -> {
            show(connection, "SELECT a FROM w");
            return "a row";
        });
        connection.rollback();
        show(connection, "SELECT a FROM w");
        run(connection, "DROP TABLE pg_temp.x");
        show(connection, "SELECT a FROM x");
        connection.rollback();
        connection.setAutoCommit(true);
        run(connection, "DROP SCHEMA elsewhere CASCADE");
    }

    private void validity() throws Exception {
        Connection connection = connect();
        say("valid " + connection.isValid(5));
        ExecutorService now = Executors.newSingleThreadExecutor();
        connection.setNetworkTimeout(now, 500);
        fails(() -> {
            run(connection, "SELECT pg_sleep(10)");
            return "rest";
        });
        say("valid " + connection.isValid(5) + " closed " + connection.isClosed());
        now.shutdown();
    }

    private void terminated() throws Exception {
        Connection connection = connect();
        Connection other = connect();
        int backend = connection.unwrap(PGConnection.class).getBackendPID();
        show(other, "SELECT pg_terminate_backend(" + backend + ", 5000)");
        fails(() -> {
            show(connection, "SELECT 1");
            return "a row";
        });
        say("closed " + connection.isClosed());
    }

    private void threads() throws Exception {
        int count = 8;
        ExecutorService pool = Executors.newFixedThreadPool(count);
        List<Future<Long>> sums = new ArrayList<>();
        for (int thread = 0; thread < count; thread++) {
            int own = thread;
            Connection connection = connect();
            sums.add(pool.submit(() -> {
                long sum = 0;
                try (PreparedStatement statement = connection.prepareStatement("SELECT ?::int8 * 2, repeat('x', ?)")) {
                    for (int round = 0; round < 100; round++) {
                        statement.setLong(1, own * 1000L + round);
                        statement.setInt(2, round * 10);
                        ResultSet result = statement.executeQuery();
                        result.next();
                        sum += result.getLong(1) + result.getString(2).length();
                    }
                }
                return sum;
            }));
        }
        for (Future<Long> sum : sums) say("sum " + sum.get());
        pool.shutdown();
    }
}
