import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.velocity.Template;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.runtime.RuntimeInstance;
import org.apache.velocity.runtime.RuntimeServices;
import org.apache.velocity.runtime.parser.node.SimpleNode;

/** Renders a template as often as it can: {@code java Velocity TEMPLATE VARIABLES SECONDS}. */
public class Velocity {
    public static void main(String[] arguments) throws Exception {
        String source = Files.readString(Path.of(arguments[0]));
        Object variables = new Json(Files.readString(Path.of(arguments[1]))).value();
        double seconds = Double.parseDouble(arguments[2]);

        RuntimeServices runtime = new RuntimeInstance();
        runtime.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        runtime.init();
        SimpleNode tree = runtime.parse(source, "template");
        Template template = new Template();
        template.setRuntimeServices(runtime);
        template.setData(tree);
        template.initDocument();

        String output = render(template, variables);
        Files.writeString(Path.of(arguments[3]), output);
        // As long again beforehand, for the compiler to warm up.
        run(template, variables, seconds);
        System.out.println(run(template, variables, seconds));
    }

    /** Renderings per second. */
    static double run(Template template, Object variables, double seconds) throws Exception {
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        long count = 0;
        long now = start;
        while (now < end) {
            for (int i = 0; i < 10; i++) {
                if (render(template, variables).isEmpty()) {
                    throw new IllegalStateException("no output");
                }
            }
            count += 10;
            now = System.nanoTime();
        }
        return count / ((now - start) / 1e9);
    }

    static String render(Template template, Object variables) throws Exception {
        VelocityContext context = new VelocityContext();
        for (Map.Entry<?, ?> variable : ((Map<?, ?>) variables).entrySet()) {
            context.put((String) variable.getKey(), variable.getValue());
        }
        StringWriter output = new StringWriter();
        template.merge(context, output);
        return output.toString();
    }

    /** As much of a JSON reader as the variables need. */
    static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object value() {
            switch (next()) {
                case '{':
                    return map();
                case '[':
                    return list();
                case '"':
                    int end = text.indexOf('"', at);
                    String string = text.substring(at, end);
                    at = end + 1;
                    return string;
                default:
                    int start = at - 1;
                    while (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '.') {
                        at++;
                    }
                    return new BigInteger(text.substring(start, at)).intValueExact();
            }
        }

        private Map<String, Object> map() {
            Map<String, Object> map = new LinkedHashMap<>();
            while (next() != '}') {
                if (text.charAt(at - 1) != ',') {
                    at--;
                }
                String name = (String) value();
                next();
                map.put(name, value());
            }
            return map;
        }

        private List<Object> list() {
            List<Object> list = new ArrayList<>();
            while (next() != ']') {
                if (text.charAt(at - 1) != ',') {
                    at--;
                }
                list.add(value());
            }
            return list;
        }

        private char next() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at++);
        }
    }
}
