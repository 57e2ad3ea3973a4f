import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the driver finds out about databases, results and parameters. */
final class Descriptions extends Play {
    static Map<String, Check<Descriptions>> checks() {
        Map<String, Check<Descriptions>> all = new LinkedHashMap<>();
        all.put("metadata of the database", Descriptions::databaseMetaData);
        all.put("metadata of results", Descriptions::resultMetaData);
        all.put("metadata of parameters", Descriptions::parameterMetaData);
        return all;
    }

    private void databaseMetaData() throws Exception {
        Connection connection = connect();
        run(connection, "DROP SCHEMA IF EXISTS about CASCADE", "CREATE SCHEMA about",
                "CREATE TABLE about.parent (id serial PRIMARY KEY, "
                        + "t varchar(20) NOT NULL DEFAULT 'x', n numeric(8, 2))",
                "CREATE TABLE about.child (id int REFERENCES about.parent, u uuid UNIQUE)",
                        "CREATE INDEX ON about.child (id)",
                "CREATE VIEW about.seen AS SELECT * FROM about.parent", "COMMENT ON TABLE about.parent IS 'a comment'",
                "CREATE FUNCTION about.f(a int) RETURNS text LANGUAGE sql AS 'SELECT $1::text'",
                "GRANT SELECT ON about.parent TO PUBLIC");
        DatabaseMetaData about = connection.getMetaData();
        show(about.getTables(null, "about", "%", null));
        show(about.getColumns(null, "about", "%", "%"));
        show(about.getPrimaryKeys(null, "about", "parent"));
        show(about.getImportedKeys(null, "about", "child"));
        show(about.getExportedKeys(null, "about", "parent"));
        show(about.getIndexInfo(null, "about", "child", false, false));
        show(about.getTablePrivileges(null, "about", "parent"));
        show(about.getBestRowIdentifier(null, "about", "parent", DatabaseMetaData.bestRowSession, false));
        show(about.getFunctions(null, "about", "%"));
        show(about.getProcedures(null, "about", "%"));
        show(about.getFunctionColumns(null, "about", "%", "%"));
        show(about.getSchemas());
        show(about.getTableTypes());
        show(about.getTypeInfo());
        say(about.getSQLKeywords().hashCode() + " " + about.getMaxColumnNameLength() + " "
                + about.getNumericFunctions());
        run(connection, "DROP SCHEMA about CASCADE");
    }

    private void resultMetaData() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE m (id serial PRIMARY KEY, t varchar(20) NOT NULL, n numeric(8, 2))");
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, t AS other, n, n + 1 AS computed FROM m")) {
            for (ResultSetMetaData about : new ResultSetMetaData[] {statement.getMetaData(),
                    statement.executeQuery().getMetaData()}) {
                for (int column = 1; column <= about.getColumnCount(); column++) {
                    say(about.getColumnName(column) + " " + about.getColumnLabel(column) + " "
                            + about.getTableName(column) + " "
                            + about.getColumnTypeName(column) + " " + about.getPrecision(column) + " "
                                    + about.getScale(column) + " "
                            + about.isNullable(column) + " " + about.isAutoIncrement(column));
                }
            }
        }
    }

    private void parameterMetaData() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE m (id int, t varchar(20), n numeric(8, 2))");
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO m VALUES (?, ?, ?)")) {
            ParameterMetaData about = statement.getParameterMetaData();
            for (int at = 1; at <= about.getParameterCount(); at++) {
                say(about.getParameterTypeName(at) + " " + about.getParameterClassName(at));
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM no_such_table WHERE a = ?")) {
            fails(() -> statement.getParameterMetaData().getParameterCount());
        }
    }
}
