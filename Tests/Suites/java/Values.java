import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.postgresql.util.PGobject;

/** What goes into statements and comes out of them, in text and in binary. */
final class Values extends Play {
    static Map<String, Check<Values>> checks() {
        Map<String, Check<Values>> all = new LinkedHashMap<>();
        all.put("types in results", Values::types);
        all.put("types as parameters", Values::parameters);
        all.put("nulls", Values::nulls);
        all.put("arrays", Values::arrays);
        all.put("objects", Values::objects);
        all.put("large values", Values::largeValues);
        return all;
    }

    private static final String TYPES = "SELECT 32767::int2, 2147483647::int4, 9223372036854775807::int8, 1.5::float4,"
            + " 2.25::float8, 12345.678900::numeric, 'NaN'::numeric, true, 'x'::char(3), 'varchar'::varchar,"
            + " 'text \u00fc \u20ac'::text, 'n'::name, '\\x00ff10'::bytea, date '2026-11-23', time '12:34:56.789',"
            + " timetz '12:34:56+02', timestamp '2026-11-23 12:34:56.789', timestamptz '2026-11-23 12:34:56.789+00',"
            + " interval '1 year 2 days 03:04:05', '3f2504e0-4f89-11d3-9a0c-0305e82c3301'::uuid,"
            + " '{\"a\": 1}'::json, '{\"b\": [1, null]}'::jsonb, '10.0.0.1/8'::inet, B'101'::bit(3), 12.34::money,"
            + " point(1, 2), box(point(0, 0), point(1, 1)), int4range(1, 5), 'infinity'::timestamp, 42::oid,"
            + " 'pg_class'::regclass, '<a/>'::xml, to_tsvector('simple', 'a b')";

    private void types() throws Exception {
        Connection connection = connect();
        run(connection, "SET timezone = 'UTC'");
        try (PreparedStatement statement = connection.prepareStatement(TYPES)) {
            for (int round = 0; round < 7; round++) {
                ResultSet result = statement.executeQuery();
                ResultSetMetaData about = result.getMetaData();
                result.next();
                for (int column = 1; column <= about.getColumnCount(); column++) {
                    String line = about.getColumnTypeName(column) + ": " + result.getString(column);
                    Object object = result.getObject(column);
                    line += " as " + object.getClass().getSimpleName();
                    if (round == 0 || round == 6) say(line);
                }
                if (round == 6) {
                    say(result.getInt(2) + " " + result.getLong(3) + " " + result.getDouble(5) + " "
                            + result.getBigDecimal(6) + " " + result.getBoolean(8) + " "
                            + Arrays.toString(result.getBytes(13)) + " " + result.getObject(14, LocalDate.class) + " "
                            + result.getObject(17, LocalDateTime.class) + " "
                            + result.getObject(18, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC) + " "
                            + result.getObject(20, UUID.class));
                }
            }
        }
    }

    private void parameters() throws Exception {
        Connection connection = connect();
        run(connection, "SET timezone = 'UTC'",
                "CREATE TEMP TABLE p (a int2, b int4, c int8, d float4, e float8, f numeric,"
                + " g boolean, h text, i bytea, j date, k time, l timestamp, m timestamptz, n uuid, o json, p int4[])");
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO p VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::json, ?)")) {
            for (int round = 0; round < 7; round++) {
                statement.setShort(1, (short) (round - 3));
                statement.setInt(2, round * 1000000);
                statement.setLong(3, 1L << (round * 9));
                statement.setFloat(4, round / 4f);
                statement.setDouble(5, round / 8d);
                statement.setBigDecimal(6, new BigDecimal("123456789012345678901234567890.12345").multiply(
                        BigDecimal.valueOf(round)));
                statement.setBoolean(7, round % 2 == 0);
                statement.setString(8, "round " + round + " ' \\ \" \u20ac $1 ?");
                statement.setBytes(9, new byte[] {0, (byte) round, (byte) 0xff});
                statement.setObject(10, LocalDate.of(2026, 11, 23).plusDays(round));
                statement.setTime(11, java.sql.Time.valueOf("10:11:12"));
                statement.setObject(12, LocalDateTime.of(2026, 11, 23, 1, 2, 3));
                statement.setObject(13, OffsetDateTime.of(2026, 11, 23, 1, 2, 3, 0, ZoneOffset.ofHours(2)));
                statement.setObject(14, new UUID(1, round));
                statement.setString(15, "{\"round\": " + round + "}");
                statement.setArray(16, connection.createArrayOf("int4", new Object[] {round, null, -round}));
                say("inserted " + statement.executeUpdate());
            }
        }
        show(connection, "SELECT * FROM p ORDER BY a");
    }

    private void nulls() throws Exception {
        Connection connection = connect();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT ?::int4, ?::text, ?::bytea, ?::timestamp")) {
            for (int round = 0; round < 7; round++) {
                statement.setNull(1, Types.INTEGER);
                statement.setNull(2, Types.VARCHAR);
                statement.setNull(3, Types.BINARY);
                statement.setNull(4, Types.TIMESTAMP);
                ResultSet result = statement.executeQuery();
                result.next();
                say(result.getInt(1) + " " + result.wasNull() + " " + result.getString(2) + " " + result.getBytes(3)
                        + " "
                        + result.getTimestamp(4));
            }
        }
    }

    private void arrays() throws Exception {
        Connection connection = connect();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT ?::int4[], ?::text[], ?::float8[], ARRAY[[1, 2], [3, 4]]")) {
            for (int round = 0; round < 7; round++) {
                statement.setArray(1, connection.createArrayOf("int4", new Integer[] {1, null, round}));
                statement.setArray(2, connection.createArrayOf("text", new String[] {"a,b", "\"", null, "{}"}));
                statement.setArray(3, connection.createArrayOf("float8", new Double[] {1.5, -2.25}));
                ResultSet result = statement.executeQuery();
                result.next();
                for (int column = 1; column <= 4; column++) {
                    Array array = result.getArray(column);
                    say(array.getBaseTypeName() + " " + Arrays.deepToString((Object[]) array.getArray()));
                }
            }
        }
        run(connection, "CREATE TEMP TABLE ids AS SELECT generate_series(1, 10) AS id");
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id FROM ids WHERE id = ANY (?) ORDER BY id")) {
            statement.setArray(1, connection.createArrayOf("int4", new Object[] {2, 4, 99}));
            show(statement.executeQuery());
        }
    }

    private void objects() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TYPE pg_temp.mood AS ENUM ('sad', 'glad')",
                "CREATE TYPE pg_temp.pair AS (a int, b text)",
                "CREATE TEMP TABLE o (m mood, p pair, j jsonb)");
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO o VALUES (?::mood, ?::pair, ?)")) {
            for (int round = 0; round < 6; round++) {
                PGobject json = new PGobject();
                json.setType("jsonb");
                json.setValue("{\"round\": " + round + "}");
                statement.setObject(1, round % 2 == 0 ? "sad" : "glad", Types.OTHER);
                statement.setString(2, "(" + round + ",\"x y\")");
                statement.setObject(3, json);
                statement.executeUpdate();
            }
        }
        try (Statement statement = connection.createStatement()) {
            ResultSet result = statement.executeQuery("SELECT m, p, j FROM o ORDER BY j");
            while (result.next()) {
                PGobject pair = (PGobject) result.getObject(2);
                say(result.getString(1) + " " + pair.getType() + " " + pair.getValue() + " " + result.getObject(3));
            }
        }
    }

    private void largeValues() throws Exception {
        Connection connection = connect();
        String long_text = "0123456789\u20ac".repeat(300000);
        byte[] bytes = new byte[4 << 20];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i % 251);
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?::text, ?::bytea, length(?::text)")) {
            for (int round = 0; round < 2; round++) {
                statement.setString(1, long_text);
                statement.setBytes(2, bytes);
                statement.setString(3, long_text);
                ResultSet result = statement.executeQuery();
                result.next();
                say(result.getString(1).equals(long_text) + " " + Arrays.equals(result.getBytes(2), bytes) + " "
                        + result.getInt(3));
            }
        }
        show(connection, "SELECT length(string_agg(i::text, ',')) FROM generate_series(1, 300000) i");
    }
}
