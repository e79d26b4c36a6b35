// Asks the server at the port that is given by the client of another project, and prints what it got as lines of JSON.
const { FlightSQLClient } = require("@gizmodata/gizmosql-client");

async function main() {
  const client = new FlightSQLClient({ host: "127.0.0.1", port: Number(process.argv[2]), plaintext: true });
  const plain = (key, value) => (typeof value === "bigint" ? Number(value) : value instanceof Map ? [...value] : value);
  const ask = async (name, question) => {
    let answer;
    try {
      answer = await question();
    } catch (e) {
      answer = { error: e.message };
    }
    console.log(JSON.stringify({ name, answer }, plain));
  };
  await ask("create", async () => (await client.execute("CREATE TABLE t (i INTEGER, s VARCHAR)")).numRows);
  await ask("insert", async () => (await client.execute("INSERT INTO t SELECT range, 'row ' || range FROM range(5)")).toArray());
  await ask("rows", async () => (await client.execute("SELECT * FROM t WHERE i > 2 ORDER BY i")).toArray());
  await ask("many", async () => (await client.execute("SELECT range AS i, 'row ' || range AS s FROM range(200000)")).numRows);
  await ask("error", () => client.execute("SELECT x FROM nowhere"));
  await ask("catalogs", () => client.getCatalogs());
  await ask("schemas", () => client.getSchemas("memory"));
  await ask("tables", () => client.getTables("memory", "main", "t%"));
  await ask("tableTypes", () => client.getTableTypes());
  await ask("info", () => client.getSqlInfo([0]));
  await ask("prepare", () => client.prepare("SELECT 1"));
  await client.close();
}

main();
