import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;

/** What a check stands on: connections, and the lines it says. */
class Play {
    /** Something to do with the driver; it fails by throwing what it did not expect. */
    interface Check<P extends Play> {
        void play(P it) throws Exception;
    }

    /** Object identifiers and addresses of objects: chance in any run. */
    private static final String CHANCE = "(large object |\\bf_|\\[B@)[0-9a-f]+";

    protected String url;
    protected Properties properties;
    final StringBuilder said = new StringBuilder();
    final List<Connection> opened = new ArrayList<>();

    protected Connection connect(String... more) throws SQLException {
        Properties all = new Properties();
        all.putAll(properties);
        for (int i = 0; i < more.length; i += 2) all.setProperty(more[i], more[i + 1]);
        Connection connection = DriverManager.getConnection(url, all);
        opened.add(connection);
        return connection;
    }

    protected void say(String line) {
        said.append("  ").append(line.replaceAll(CHANCE, "$1?")).append('\n');
    }

    protected static String described(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.getClass().getSimpleName());
        if (failure instanceof SQLException) text.append(' ').append(((SQLException) failure).getSQLState());
        return text.append(": ").append(failure.getMessage()).toString().replace("\n", " / ");
    }

    protected static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) statement.execute(sql);
        }
    }

    /** Says every row of a result, cell by cell. */
    protected void show(ResultSet result) throws SQLException {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
            StringBuilder line = new StringBuilder();
            for (int column = 1; column <= columns; column++) {
                line.append(column == 1 ? "" : " | ").append(result.getString(column));
            }
            say(line.toString());
        }
        result.close();
    }

    protected void show(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            show(statement.executeQuery(sql));
        }
    }

    protected void fails(Callable<?> work) {
        try {
            say("no failure, but " + work.call());
        } catch (Exception failure) {
            say(described(failure));
        }
    }
}
