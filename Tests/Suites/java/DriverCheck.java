import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What an application does with the PostgreSQL JDBC driver, written down line by line, so that the lines of a direct
 * connection and of one through a gateway can be compared.
 *
 * <p>Arguments: the JDBC URL, then the names of the configurations to play (none: all). User and password come from
 * PGUSER and PGPASSWORD. Prints for each check what it said, then {@code == name [configuration]: passed|failed}.
 */
public final class DriverCheck {
    /** Seconds until a check counts as stuck. */
    private static final int LIMIT = 60;

    private static final Map<String, String[]> CONFIGURATIONS = new LinkedHashMap<>();

    static {
        CONFIGURATIONS.put("default", new String[] {});
        CONFIGURATIONS.put("prepareThreshold=1", new String[] {"prepareThreshold", "1"});
        CONFIGURATIONS.put("binary at once", new String[] {"prepareThreshold", "-1"});
        CONFIGURATIONS.put("text only", new String[] {"binaryTransfer", "false"});
        CONFIGURATIONS.put("simple", new String[] {"preferQueryMode", "simple"});
        CONFIGURATIONS.put("extendedForPrepared", new String[] {"preferQueryMode", "extendedForPrepared"});
        CONFIGURATIONS.put("extendedCacheEverything", new String[] {"preferQueryMode", "extendedCacheEverything"});
        CONFIGURATIONS.put("reWriteBatchedInserts", new String[] {"reWriteBatchedInserts", "true"});
        CONFIGURATIONS.put("autosave", new String[] {"autosave", "always", "cleanupSavepoints", "true"});
        CONFIGURATIONS.put("small fetches", new String[] {"defaultRowFetchSize", "2", "adaptiveFetch", "true"});
    }

    private final String url;
    private final String configuration;
    private final ExecutorService worker = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    });

    private DriverCheck(String url, String configuration) {
        this.url = url;
        this.configuration = configuration;
    }

    public static void main(String[] arguments) {
        List<String> wanted = Arrays.asList(arguments).subList(1, arguments.length);
        for (String configuration : CONFIGURATIONS.keySet()) {
            if (!wanted.isEmpty() && !wanted.contains(configuration)) continue;
            DriverCheck all = new DriverCheck(arguments[0], configuration);
            all.play(Sessions::new, Sessions.checks());
            all.play(Values::new, Values.checks());
            all.play(Statements::new, Statements.checks());
            all.play(Channels::new, Channels.checks());
            all.play(Descriptions::new, Descriptions.checks());
        }
    }

    private <P extends Play> void play(Supplier<P> maker, Map<String, Play.Check<P>> checks) {
        checks.forEach((name, check) -> {
            P play = maker.get();
            play.url = url;
            play.properties = properties();
            String verdict = verdict(play, check);
            System.out.print(play.said);
            System.out.println("== " + name + " [" + configuration + "]: " + verdict);
            for (Connection connection : play.opened) {
                try {
                    connection.close();
                } catch (SQLException ignored) {
                    // The check is over.
                }
            }
        });
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("user", System.getenv("PGUSER"));
        properties.setProperty("password", System.getenv("PGPASSWORD"));
        String[] settings = CONFIGURATIONS.get(configuration);
        for (int i = 0; i < settings.length; i += 2) properties.setProperty(settings[i], settings[i + 1]);
        return properties;
    }

    private <P extends Play> String verdict(P play, Play.Check<P> check) {
        Future<?> run = worker.submit(() -> {
            check.play(play);
            return null;
        });
        try {
            run.get(LIMIT, TimeUnit.SECONDS);
            return "passed";
        } catch (ExecutionException failure) {
            play.say("unexpected " + Play.described(failure.getCause()));
        } catch (TimeoutException | InterruptedException late) {
            play.say("stuck");
        }
        return "failed";
    }
}
