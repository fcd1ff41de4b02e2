import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;

/** Prints the defaults of the ConfigDefs that classes hold or make: class, property, default; one a line, tabs between. */
public class KafkaDefaults {
    public static void main(String[] classes) throws Exception {
        for (String name : classes) {
            Class<?> type = Class.forName(name);
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigDef.class) {
                    field.setAccessible(true);
                    print(type, (ConfigDef) field.get(null));
                }
            }
            for (Method method : type.getDeclaredMethods()) {
                // DistributedConfig.config(Crypto) asks its argument for lists of algorithms only when they are checked.
                boolean makesOne = method.getParameterCount() == 0 || method.getName().equals("config");
                if (Modifier.isStatic(method.getModifiers()) && method.getReturnType() == ConfigDef.class && makesOne) {
                    method.setAccessible(true);
                    print(type, (ConfigDef) method.invoke(null, new Object[method.getParameterCount()]));
                }
            }
        }
    }

    private static void print(Class<?> type, ConfigDef definition) {
        if (definition == null) {
            return;
        }
        new TreeMap<>(definition.configKeys()).forEach((key, value) -> {
            if (value.hasDefault()) {
                System.out.println(type.getSimpleName() + "\t" + key + "\t" + ConfigDef.convertToString(value.defaultValue, value.type));
            }
        });
    }
}
