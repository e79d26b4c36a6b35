package dev.hatch.benchmarks;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Settings on the command line of a fork: a record, an argument for each of its components. */
final class RecordArguments {
    private RecordArguments() {}

    static List<String> of(Record settings) {
        List<String> arguments = new ArrayList<>();
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            try {
                arguments.add(component.getAccessor().invoke(settings).toString());
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(component.toString(), e);
            }
        }
        return arguments;
    }

    static <T extends Record> T parse(Class<T> type, List<String> arguments) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = parseOne(types[i], arguments.get(i));
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(type.toString(), e);
        }
    }

    private static Object parseOne(Class<?> type, String text) {
        if (type == int.class) {
            return Integer.valueOf(text);
        }
        if (type == long.class) {
            return Long.valueOf(text);
        }
        if (type == Duration.class) {
            return Duration.parse(text);
        }
        throw new IllegalArgumentException("no arguments are made of " + type);
    }
}
