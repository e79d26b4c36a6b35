package dev.hatch.server.cli;

import dev.hatch.server.ServerConfig;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** The values of settings from their texts. What cannot be is an {@link IllegalArgumentException} that says what can. */
final class SettingText {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kKmMgG]?)");
    private static final Pattern ADDRESS = Pattern.compile("(.+):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    private SettingText() {}

    static int wholeNumber(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a whole number up to " + Integer.MAX_VALUE, e);
        }
    }

    static long longNumber(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a whole number up to " + Long.MAX_VALUE, e);
        }
    }

    /** As those of the JVM's -Xmx: 1k is 1024 bytes. */
    static long size(String text) {
        Matcher size = SIZE.matcher(text);
        try {
            if (size.matches()) {
                return Math.multiplyExact(Long.parseLong(size.group(1)), unit(size.group(2)));
            }
        } catch (ArithmeticException e) {
            // Said below.
        }
        throw new IllegalArgumentException("a number of bytes such as 65536, 64k, 500M or 2G");
    }

    private static long unit(String suffix) {
        return switch (suffix) {
            case "k", "K" -> 1L << 10;
            case "m", "M" -> 1L << 20;
            case "g", "G" -> 1L << 30;
            default -> 1;
        };
    }

    static Duration duration(String text) {
        try {
            return DurationOption.parse(text);
        } catch (TypeConversionException e) {
            throw new IllegalArgumentException(DurationOption.FORMS, e);
        }
    }

    static ServerConfig.Address address(String text) {
        Matcher address = ADDRESS.matcher(text);
        if (!address.matches() || wholeNumber(address.group(2)) > MAX_PORT) {
            throw new IllegalArgumentException("HOST:PORT, such as 127.0.0.1:31337, with a port up to " + MAX_PORT);
        }
        return new ServerConfig.Address(address.group(1), wholeNumber(address.group(2)));
    }

    static boolean yesOrNo(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("true or false");
        };
    }
}
