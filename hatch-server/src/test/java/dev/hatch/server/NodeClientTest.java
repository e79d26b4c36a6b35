package dev.hatch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** GizmoSQL's client for Node, which a project of its own makes and npm fetches. */
@Timeout(240)
class NodeClientTest {
    private static final String CLIENT = "@gizmodata/gizmosql-client@1.4.3";

    @TempDir
    Path folder;

    private String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean isInstalled(String command) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, command)));
    }

    @Test
    void it_queries_changes_and_lists() throws Exception {
        assumeTrue(Boolean.getBoolean("test.node"), "Node's client is tried on request: -Pnode");
        assumeTrue(isInstalled("node") && isInstalled("npm"), "there is no node, or no npm");
        Files.writeString(folder.resolve("package.json"), "{}");
        String unused = run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", CLIENT);
        Path script = folder.resolve("client.cjs");
        try (InputStream source = NodeClientTest.class.getResourceAsStream("node-client.cjs")) {
            Files.copy(source, script);
        }
        Map<String, JsonNode> answers = new HashMap<>();
        try (TestServer server = TestServer.start(2)) {
            String uri = server.hatch().uri();
            String output = run("node", script.toString(), uri.substring(uri.lastIndexOf(':') + 1));
            for (String line : output.lines().toList()) {
                JsonNode one = new ObjectMapper().readTree(line);
                answers.put(one.path("name").asText(), one.path("answer"));
            }
        }
        assertThat(answers.get("create").asInt(-1)).isZero();
        assertThat(answers.get("insert")).hasToString("[{\"Count\":5}]");
        assertThat(answers.get("rows")).hasToString("[{\"i\":3,\"s\":\"row 3\"},{\"i\":4,\"s\":\"row 4\"}]");
        assertThat(answers.get("many").asInt()).isEqualTo(200_000);
        assertThat(answers.get("error").path("error").asText())
                .contains("Catalog Error: Table with name nowhere does not exist!");
        assertThat(answers.get("catalogs").toString()).contains("\"memory\"");
        assertThat(answers.get("schemas").toString()).contains("{\"catalog\":\"memory\",\"schema\":\"main\"}");
        assertThat(answers.get("tables").toString()).contains("\"tableName\":\"t\"");
        assertThat(answers.get("tableTypes").toString()).contains("VIEW");
        assertThat(answers.get("info")).hasToString("[[0,\"Hatch\"]]");
        // It sends no request at all: its own library refuses the one that it makes.
        assertThat(answers.get("prepare").path("error").asText()).contains("Request message serialization failure");
    }
}
