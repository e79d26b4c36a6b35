package dev.hatch.server.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a command's output goes to, if that is a terminal, and who sits in front of it. */
interface Terminal {
    /** Output goes to no terminal. */
    Terminal NONE = new Terminal() {
        @Override
        public Optional<Size> size() {
            return Optional.empty();
        }

        @Override
        public Runnable takeKeys() {
            return () -> {};
        }
    };

    record Size(int columns, int rows) {}

    /** As it is now; empty if output goes to no terminal. */
    Optional<Size> size();

    /**
     * From now on a key is there to be read as soon as it is pressed, and is not shown.
     *
     * @return sets that back
     */
    Runnable takeKeys();

    /**
     * What is typed after the prompt, which is not shown.
     *
     * @return empty if there is nobody to ask
     */
    default Optional<String> askSecretly(String prompt) {
        return Optional.empty();
    }

    /** The process's own, as the commands {@code test} and {@code stty} know it, for Java knows little of terminals. */
    final class OfProcess implements Terminal {
        private static final File TTY = new File("/dev/tty");
        static final int OUT = 1;
        static final int ERR = 2;

        private static final Size USUAL = new Size(80, 24);
        private static final Pattern ROWS_COLUMNS = Pattern.compile("(\\d{1,4}) (\\d{1,4})");

        private final int descriptor;

        /** @param descriptor of the output: {@link #OUT} or {@link #ERR} */
        OfProcess(int descriptor) {
            this.descriptor = descriptor;
        }

        @Override
        public Optional<Size> size() {
            if (!isTerminal()) {
                return Optional.empty();
            }
            Matcher size = ROWS_COLUMNS.matcher(stty("size"));
            if (!size.matches()) {
                return Optional.of(USUAL);
            }
            Size found = new Size(Integer.parseInt(size.group(2)), Integer.parseInt(size.group(1)));
            return Optional.of(found.columns() == 0 || found.rows() == 0 ? USUAL : found);
        }

        private boolean isTerminal() {
            try {
                return new ProcessBuilder("sh", "-c", "test -t " + descriptor)
                                .inheritIO()
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public Runnable takeKeys() {
            String before = stty("-g");
            if (before.isEmpty()) {
                return () -> {};
            }
            String unused = stty("-icanon", "-echo", "min", "1", "time", "0");
            return () -> {
                String ignored = stty(before);
            };
        }

        /** Asks the terminal itself, for output may go to a file; a signal does not leave it dumb. */
        @Override
        public Optional<String> askSecretly(String prompt) {
            String before = stty("-g");
            if (before.isEmpty()) {
                return Optional.empty();
            }
            Thread restore = new Thread(() -> {
                String unused = stty(before);
            });
            Runtime.getRuntime().addShutdownHook(restore);
            try (Writer out = new FileWriter(TTY, StandardCharsets.UTF_8);
                    BufferedReader in = new BufferedReader(new FileReader(TTY, StandardCharsets.UTF_8))) {
                String unused = stty("-echo");
                out.write(prompt);
                out.flush();
                String typed = in.readLine();
                out.write(System.lineSeparator());
                return Optional.of(typed == null ? "" : typed);
            } catch (IOException e) {
                return Optional.empty();
            } finally {
                String unused = stty(before);
                Runtime.getRuntime().removeShutdownHook(restore);
            }
        }

        /** What it prints; empty if it fails. */
        private static String stty(String... arguments) {
            List<String> command = new ArrayList<>(List.of("stty"));
            command.addAll(List.of(arguments));
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(TTY)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                return process.waitFor() == 0 ? printed : "";
            } catch (IOException e) {
                return "";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "";
            }
        }
    }
}
