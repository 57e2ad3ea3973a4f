import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Prepared statements, cursors, batches and calls. */
final class Statements extends Play {
    static Map<String, Check<Statements>> checks() {
        Map<String, Check<Statements>> all = new LinkedHashMap<>();
        all.put("server prepared statements", Statements::thresholds);
        all.put("a table changed under a prepared statement", Statements::changedTable);
        all.put("statements deallocated", Statements::deallocated);
        all.put("cursor with fetch size", Statements::cursor);
        all.put("cursor closed early", Statements::cursorClosedEarly);
        all.put("two cursors at once", Statements::twoCursors);
        all.put("scrollable and updatable", Statements::updatable);
        all.put("batch", Statements::batch);
        all.put("batch that fails", Statements::failingBatch);
        all.put("large batch", Statements::largeBatch);
        all.put("generated keys", Statements::generatedKeys);
        all.put("several statements", Statements::several);
        all.put("calls", Statements::calls);
        all.put("refcursor", Statements::refCursor);
        return all;
    }

    private void thresholds() throws Exception {
        Connection connection = connect();
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?::int4 + 1, ?::text")) {
            org.postgresql.PGStatement own = statement.unwrap(org.postgresql.PGStatement.class);
            for (int round = 0; round < 8; round++) {
                statement.setInt(1, round);
                statement.setString(2, "r" + round);
                show(statement.executeQuery());
                say("prepared by the server: " + own.isUseServerPrepare());
            }
        }
        show(connection, "SELECT count(*) >= 0 FROM pg_prepared_statements");
        for (int round = 0; round < 300; round++) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT " + round + " + ?")) {
                statement.setInt(1, 1);
                ResultSet result = statement.executeQuery();
                result.next();
                if (result.getInt(1) != round + 1) say("wrong: " + result.getInt(1));
            }
        }
    }

    private void changedTable() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE changing (a int, b text)", "INSERT INTO changing VALUES (1, 'one')");
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM changing")) {
            for (int round = 0; round < 6; round++) show(statement.executeQuery());
            run(connection, "ALTER TABLE changing ADD c int DEFAULT 7");
            show(statement.executeQuery());
            run(connection, "ALTER TABLE changing ALTER b TYPE varchar(10)");
            show(statement.executeQuery());
            connection.setAutoCommit(false);
            show(statement.executeQuery());
            run(connection, "ALTER TABLE changing DROP b");
            try {
                show(statement.executeQuery());
            } catch (SQLException failure) {
                say(described(failure));
            }
            connection.rollback();
            show(statement.executeQuery());
        }
    }

    private void deallocated() throws Exception {
        Connection connection = connect();
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?::int4")) {
            for (int round = 0; round < 9; round++) {
                if (round == 6) run(connection, "DEALLOCATE ALL");
                if (round == 7) run(connection, "DISCARD ALL");
                statement.setInt(1, round);
                try {
                    show(statement.executeQuery());
                } catch (SQLException failure) {
                    say(described(failure));
                }
            }
        }
    }

    private void cursor() throws Exception {
        Connection connection = connect();
        connection.setAutoCommit(false);
        for (int size : new int[] {1, 7, 100, 101}) {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT i, 'row ' || i FROM generate_series(1, ?) i")) {
                statement.setInt(1, 100);
                statement.setFetchSize(size);
                long sum = 0;
                int rows = 0;
                ResultSet result = statement.executeQuery();
                while (result.next()) {
                    sum += result.getInt(1);
                    rows++;
                    if (rows == 50) result.setFetchSize(3);
                }
                say(size + ": " + rows + " rows, sum " + sum);
            }
        }
        connection.commit();
    }

    private void cursorClosedEarly() throws Exception {
        Connection connection = connect();
        connection.setAutoCommit(false);
        for (int round = 0; round < 10; round++) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT generate_series(1, 100000)")) {
                statement.setFetchSize(10);
                ResultSet result = statement.executeQuery();
                for (int row = 0; row < 15; row++) result.next();
                say("stands at " + result.getInt(1));
                result.close();
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.setMaxRows(3);
            show(statement.executeQuery("SELECT generate_series(1, 100000)"));
        }
        connection.commit();
    }

    private void twoCursors() throws Exception {
        Connection connection = connect();
        connection.setAutoCommit(false);
        try (Statement one = connection.createStatement(); Statement two = connection.createStatement()) {
            one.setFetchSize(2);
            two.setFetchSize(3);
            ResultSet left = one.executeQuery("SELECT generate_series(1, 9)");
            ResultSet right = two.executeQuery("SELECT generate_series(101, 109)");
            while (left.next() && right.next()) say(left.getInt(1) + " " + right.getInt(1));
            run(connection, "CREATE TEMP TABLE meanwhile (a int)");
            ResultSet again = one.executeQuery("SELECT generate_series(1, 5)");
            again.next();
            connection.commit();
            fails(() -> {
                while (again.next()) say("row " + again.getInt(1));
                return "the end";
            });
        }
    }

    private void updatable() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE u (id int PRIMARY KEY, t text)",
                "INSERT INTO u SELECT i, 't' || i FROM generate_series(1, 5) i");
        try (Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE,
                ResultSet.CONCUR_UPDATABLE)) {
            ResultSet result = statement.executeQuery("SELECT id, t FROM u ORDER BY id");
            result.last();
            say("last " + result.getRow() + " " + result.getString(2));
            result.absolute(2);
            result.updateString(2, "changed");
            result.updateRow();
            result.moveToInsertRow();
            result.updateInt(1, 6);
            result.updateString(2, "new");
            result.insertRow();
            result.absolute(1);
            result.deleteRow();
            result.beforeFirst();
            result.next();
            result.refreshRow();
            say("first " + result.getString(2));
        }
        show(connection, "SELECT * FROM u ORDER BY id");
    }

    private void batch() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE b (a int, t text)");
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO b VALUES (?, ?)")) {
            for (int round = 0; round < 20; round++) {
                statement.setInt(1, round);
                if (round % 5 == 0) statement.setNull(2, Types.VARCHAR); else statement.setString(2, "t" + round);
                statement.addBatch();
            }
            say(Arrays.toString(statement.executeBatch()));
        }
        try (Statement statement = connection.createStatement()) {
            statement.addBatch("UPDATE b SET t = 'x' WHERE a < 5");
            statement.addBatch("DELETE FROM b WHERE a > 15");
            statement.addBatch("CREATE TEMP TABLE b2 (z int)");
            statement.addBatch("INSERT INTO b2 VALUES (1), (2)");
            say(Arrays.toString(statement.executeBatch()));
        }
        show(connection, "SELECT * FROM b ORDER BY a");
    }

    private void failingBatch() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE b (a int PRIMARY KEY)");
        for (boolean autoCommit : new boolean[] {true, false}) {
            connection.setAutoCommit(autoCommit);
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO b VALUES (?)")) {
                for (int value : new int[] {1, 2, 1, 3}) {
                    statement.setInt(1, value);
                    statement.addBatch();
                }
                statement.executeBatch();
            } catch (BatchUpdateException failure) {
                say(Arrays.toString(failure.getUpdateCounts()) + " " + described(failure));
            }
            if (!autoCommit) connection.rollback();
            show(connection, "SELECT * FROM b ORDER BY a");
        }
        connection.rollback();
    }

    private void largeBatch() throws Exception {
        Connection connection = connect();
        connection.setAutoCommit(false);
        run(connection, "CREATE TEMP TABLE b (a int, t text)");
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO b VALUES (?, ?)",
                Statement.RETURN_GENERATED_KEYS)) {
            for (int round = 0; round < 2000; round++) {
                statement.setInt(1, round);
                statement.setString(2, "t".repeat(round % 200));
                statement.addBatch();
            }
            say(statement.executeBatch().length + " done");
            int keys = 0;
            ResultSet result = statement.getGeneratedKeys();
            while (result.next()) keys++;
            say(keys + " keys");
        }
        connection.commit();
        show(connection, "SELECT count(*), sum(a), sum(length(t)) FROM b");
    }

    private void generatedKeys() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE g (id serial PRIMARY KEY, t text, u int DEFAULT 5)");
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO g (t) VALUES (?)",
                new String[] {"id", "u"})) {
            for (int round = 0; round < 7; round++) {
                statement.setString(1, "t" + round);
                statement.executeUpdate();
                show(statement.getGeneratedKeys());
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO g (t) VALUES ('a'), ('b')", Statement.RETURN_GENERATED_KEYS);
            show(statement.getGeneratedKeys());
        }
    }

    private void several() throws Exception {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            boolean isResult = statement.execute(
                    "SELECT 1; CREATE TEMP TABLE s (a int); INSERT INTO s VALUES (1), (2); "
                            + "SELECT a FROM s; ; SELECT 'x;y'");
            while (true) {
                if (isResult) show(statement.getResultSet()); else say("count " + statement.getUpdateCount());
                isResult = statement.getMoreResults();
                if (!isResult && statement.getUpdateCount() == -1) break;
            }
            fails(() -> statement.execute("INSERT INTO s VALUES (3); SELECT 1 / 0; INSERT INTO s VALUES (4)"));
        }
        show(connection, "SELECT a FROM s ORDER BY a");
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO s VALUES (?); SELECT sum(a) FROM s WHERE a < ?")) {
            statement.setInt(1, 10);
            statement.setInt(2, 100);
            statement.execute();
            say("count " + statement.getUpdateCount());
            statement.getMoreResults();
            show(statement.getResultSet());
        }
    }

    private void calls() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE FUNCTION pg_temp.doubled(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2'",
                "CREATE FUNCTION pg_temp.parts(a int, OUT b int, OUT c text) LANGUAGE plpgsql AS "
                        + "$$ BEGIN b := a; c := 'c' || a; END $$",
                "CREATE PROCEDURE pg_temp.swapped(INOUT a int, INOUT b int) LANGUAGE plpgsql AS "
                        + "$$ DECLARE t int := a; BEGIN a := b; b := t; END $$");
        for (int round = 0; round < 6; round++) {
            try (CallableStatement call = connection.prepareCall("{? = call pg_temp.doubled(?)}")) {
                call.registerOutParameter(1, Types.INTEGER);
                call.setInt(2, round);
                call.execute();
                say("doubled " + call.getInt(1));
            }
            try (CallableStatement call = connection.prepareCall("{call pg_temp.parts(?, ?, ?)}")) {
                call.setInt(1, round);
                call.registerOutParameter(2, Types.INTEGER);
                call.registerOutParameter(3, Types.VARCHAR);
                call.execute();
                say("parts " + call.getInt(2) + " " + call.getString(3));
            }
            try (PreparedStatement call = connection.prepareStatement("CALL pg_temp.swapped(?, ?)")) {
                call.setInt(1, round);
                call.setInt(2, 9);
                show(call.executeQuery());
            }
        }
    }

    private void refCursor() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE FUNCTION pg_temp.opened() RETURNS refcursor LANGUAGE plpgsql AS"
                + " $$ DECLARE c refcursor; BEGIN OPEN c FOR SELECT generate_series(1, 5); RETURN c; END $$");
        connection.setAutoCommit(false);
        try (CallableStatement call = connection.prepareCall("{? = call pg_temp.opened()}")) {
            call.registerOutParameter(1, Types.REF_CURSOR);
            call.setFetchSize(2);
            call.execute();
            show((ResultSet) call.getObject(1));
        }
        run(connection, "DECLARE d CURSOR FOR SELECT generate_series(1, 4)");
        show(connection, "FETCH 2 FROM d");
        show(connection, "FETCH ALL FROM d");
        connection.commit();
    }
}
