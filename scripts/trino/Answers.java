import com.fasterxml.jackson.databind.ObjectMapper;
import io.trino.Session;
import io.trino.plugin.memory.MemoryConnectorFactory;
import io.trino.spi.connector.CatalogSchemaName;
import io.trino.spi.security.PrincipalType;
import io.trino.spi.security.TrinoPrincipal;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.Type;
import io.trino.testing.LocalQueryRunner;
import io.trino.testing.MaterializedResult;
import io.trino.testing.MaterializedRow;
import io.trino.testing.TestingSession;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trino in this process, without a server: reads a statement per line, as a JSON string, and writes its answer as a line
 * of JSON, with every value as Athena prints it.
 */
public class Answers {
    private static final String SCHEMA = "CREATE SCHEMA ";

    public static void main(String[] arguments) throws Exception {
        PrintStream output = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        // Trino writes its log to standard output.
        System.setOut(System.err);
        ObjectMapper json = new ObjectMapper();
        Session session = TestingSession.testSessionBuilder()
                .setCatalog("memory")
                .setSchema("db_pynvest_spec")
                .setTimeZoneKey(TimeZoneKey.UTC_KEY)
                .build();
        try (LocalQueryRunner runner = LocalQueryRunner.create(session)) {
            runner.createCatalog("memory", new MemoryConnectorFactory(), Map.of());
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line; (line = input.readLine()) != null; ) {
                output.println(json.writeValueAsString(answer(runner, session, json.readValue(line, String.class))));
            }
        }
        // Its threads would keep the process alive.
        System.exit(0);
    }

    private static Map<String, Object> answer(LocalQueryRunner runner, Session session, String sql) {
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            if (sql.startsWith(SCHEMA)) {
                createSchema(runner, sql.substring(SCHEMA.length()));
                return answer;
            }
            MaterializedResult result = runner.execute(session, sql);
            List<Type> types = result.getTypes();
            List<List<String>> rows = new ArrayList<>();
            for (MaterializedRow row : result.getMaterializedRows()) {
                List<String> texts = new ArrayList<>();
                for (int at = 0; at < types.size(); at++) {
                    Object value = row.getField(at);
                    texts.add(value == null ? null : print(value, types.get(at)));
                }
                rows.add(texts);
            }
            answer.put("columns", result.getColumnNames());
            answer.put("types", types.stream().map(Type::getDisplayName).toList());
            answer.put("rows", rows);
        }
        catch (Throwable error) {
            answer.put("error", String.valueOf(error.getMessage()));
        }
        return answer;
    }

    /** The runner executes queries only, so that a schema has to be created by the connector. */
    private static void createSchema(LocalQueryRunner runner, String name) {
        runner.inTransaction(session -> {
            runner.getMetadata().createSchema(
                    session,
                    new CatalogSchemaName("memory", name),
                    Map.of(),
                    new TrinoPrincipal(PrincipalType.USER, session.getUser()));
            return null;
        });
    }

    private static String print(Object value, Type type) {
        if (value == null) {
            return "null";
        }
        if (type instanceof ArrayType array) {
            List<String> items = ((List<?>) value).stream().map(item -> print(item, array.getElementType())).toList();
            return "[" + String.join(", ", items) + "]";
        }
        if (type instanceof MapType map) {
            List<String> entries = ((Map<?, ?>) value).entrySet().stream()
                    .map(entry -> print(entry.getKey(), map.getKeyType()) + "=" + print(entry.getValue(), map.getValueType()))
                    .toList();
            return "{" + String.join(", ", entries) + "}";
        }
        if (type instanceof RowType row) {
            List<String> fields = new ArrayList<>();
            List<?> values = value instanceof MaterializedRow materialized ? materialized.getFields() : (List<?>) value;
            for (int at = 0; at < values.size(); at++) {
                String name = row.getFields().get(at).getName().orElse("field" + at);
                fields.add(name + "=" + print(values.get(at), row.getFields().get(at).getType()));
            }
            return "{" + String.join(", ", fields) + "}";
        }
        return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
    }
}
