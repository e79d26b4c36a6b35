package dev.hatch.server.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * SIGTERM and SIGINT. A shutdown hook would not do: the JVM ignores a second signal while it runs hooks. The JDK's only
 * other way is {@code sun.misc.Signal}, which javac warns of and lets nobody silence; hence reflection.
 */
final class Signals {
    private Signals() {}

    /**
     * Calls {@code first} on the first of the two signals, {@code second} on the second, whichever they are.
     *
     * @return gives the signals back to whoever handled them before
     */
    @SuppressWarnings("ReferenceEquality") // A proxy is equal to itself.
    static Runnable onStop(Runnable first, Runnable second) {
        AtomicInteger count = new AtomicInteger();
        InvocationHandler handler = (proxy, method, args) -> switch (method.getName()) {
            case "handle" -> {
                (count.getAndIncrement() == 0 ? first : second).run();
                yield null;
            }
            case "equals" -> proxy == args[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "stop handler";
        };
        try {
            Map<Object, Object> before = new LinkedHashMap<>();
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object onSignal =
                    Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, handler);
            Method handle = signal.getMethod("handle", signal, handlerType);
            for (String name : new String[] {"TERM", "INT"}) {
                Object of = signal.getConstructor(String.class).newInstance(name);
                before.put(of, handle.invoke(null, of, onSignal));
            }
            return () -> before.forEach((of, old) -> restore(handle, of, old));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM has no signals to handle", e);
        }
    }

    private static void restore(Method handle, Object signal, Object handler) {
        try {
            handle.invoke(null, signal, handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(signal + " cannot be given back", e);
        }
    }
}
