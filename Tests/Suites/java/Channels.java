import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

/** COPY and large objects. */
final class Channels extends Play {
    static Map<String, Check<Channels>> checks() {
        Map<String, Check<Channels>> all = new LinkedHashMap<>();
        all.put("copy in", Channels::copyIn);
        all.put("copy out", Channels::copyOut);
        all.put("copy that fails", Channels::failingCopy);
        all.put("large objects", Channels::largeObjects);
        return all;
    }

    private void copyIn() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE c (a int, b text)");
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        say("rows " + copy.copyIn("COPY c FROM STDIN", new StringReader("1\tone\n2\t\\N\n3\tth\\tree\n")));
        say("rows " + copy.copyIn("COPY c FROM STDIN (FORMAT csv)",
                new ByteArrayInputStream("4,\"a,b\"\n5,\n".getBytes(StandardCharsets.UTF_8))));
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 50000; i++) many.append(i).append("\trow ").append(i).append('\n');
        say("rows " + copy.copyIn("COPY c FROM STDIN", new StringReader(many.toString()), 1 << 16));
        CopyIn open = copy.copyIn("COPY c FROM STDIN");
        byte[] line = "7\tseven\n".getBytes(StandardCharsets.UTF_8);
        open.writeToCopy(line, 0, line.length);
        open.flushCopy();
        open.cancelCopy();
        say("cancelled, active: " + open.isActive());
        show(connection, "SELECT count(*), sum(a), max(b) FROM c");
    }

    private void copyOut() throws Exception {
        Connection connection = connect();
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        for (String options : new String[] {"", "(FORMAT csv, HEADER)", "(FORMAT binary)"}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            long rows = copy.copyOut("COPY (SELECT i, 'row ' || i, NULL FROM generate_series(1, 3) i) TO STDOUT "
                    + options, bytes);
            say(rows + " " + bytes.size() + " " + Arrays.hashCode(bytes.toByteArray()));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        say("rows " + copy.copyOut("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 20000)) TO STDOUT", bytes)
                + " " + bytes.size());
        show(connection, "SELECT 'still there'");
    }

    private void failingCopy() throws Exception {
        Connection connection = connect();
        run(connection, "CREATE TEMP TABLE c (a int)");
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        fails(() -> copy.copyIn("COPY c FROM STDIN", new StringReader("1\nx\n")));
        fails(() -> copy.copyIn("COPY no_such_table FROM STDIN", new StringReader("1\n")));
        fails(() -> copy.copyOut("COPY (SELECT 1 / (3 - i) FROM generate_series(1, 5) i) TO STDOUT",
                new ByteArrayOutputStream()));
        fails(() -> copy.copyIn("SELECT 1", new StringReader("1\n")));
        show(connection, "SELECT count(*) FROM c");
    }

    private void largeObjects() throws Exception {
        Connection connection = connect();
        connection.setAutoCommit(false);
        LargeObjectManager manager = connection.unwrap(PGConnection.class).getLargeObjectAPI();
        long oid = manager.createLO(LargeObjectManager.READ | LargeObjectManager.WRITE);
        byte[] data = new byte[300000];
        for (int i = 0; i < data.length; i++) data[i] = (byte) (i * 7);
        try (LargeObject object = manager.open(oid, LargeObjectManager.WRITE)) {
            object.write(data);
            object.seek(10);
            object.write(new byte[] {1, 2, 3});
        }
        try (LargeObject object = manager.open(oid, LargeObjectManager.READ)) {
            say("size " + object.size());
            object.seek(9);
            say(Arrays.toString(object.read(5)));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            object.seek(0);
            object.getInputStream().transferTo(bytes);
            say(bytes.size() + " " + Arrays.hashCode(bytes.toByteArray()));
        }
        manager.delete(oid);
        fails(() -> {
            manager.open(oid).size();
            return "an object";
        });
        connection.rollback();
    }
}
