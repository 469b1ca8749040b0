import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { run } from "../harness/engine/run.ts";
import { type Client, surroundings } from "../harness/interop/surroundings.ts";
import { LabControl } from "../harness/lab.ts";

/** Of the modules in which its authors tried their client on arrays, those about what the lab simulates. */
const modules = {
  test_whoami: 1,
  test_namespace: 5,
  test_object_user: 7,
  test_secret_key: 7,
  test_bucket: 12,
} as const;

const { ecsClient } = surroundings();

if (ecsClient) {
  describe("python-ecsclient", () => {
    for (const [module, count] of Object.entries(modules)) {
      const tests = `${count} test${count === 1 ? "" : "s"}`;
      test(`its own ${module}, unchanged: ${tests}`, async () => {
        const expected = { ran: `Ran ${tests}`, result: "OK", failed: [] };
        expect(await runModule(ecsClient, module)).toEqual(expected);
      });
    }
  });
}

/** On a lab of its own: what one module leaves behind when it fails would be in the way of the next. */
async function runModule(client: Client, module: string) {
  const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-ecsclient-"));
  const lab = await startLab({ portBase: 0 });
  try {
    // The release that they were written for names the members so.
    const options = { searchMetadataForm: "search_enabled" };
    await new LabControl(lab.addresses.control).patch("ecs", { options });
    const configuration = writeConfiguration(folder, lab);
    // It keeps its token in the folder for temporary files.
    const env = { ...process.env, PYTHONPATH: client.path, TMPDIR: folder, ECS_TEST_CONFIG_FILE: configuration };
    const args = ["-W", "ignore", "-m", "unittest", `tests.functional.${module}`];
    const { stderr, problem } = await run("python3", args, { cwd: folder, env, timeoutMs: 100_000 });
    const [, ran, result = problem] = /^(Ran \d+ tests?) in [\d.]+s\n\n(.+)$/m.exec(stderr) ?? [];
    const failed = stderr.match(/^(?:ERROR|FAIL): [\s\S]+?(?=\n\n|$(?![\s\S]))/gm) ?? [];
    return { ran, result, failed };
  } finally {
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What its tests want to know of an array; none of those here looks at the licence. */
function writeConfiguration(folder: string, { addresses }: Lab): string {
  const { endpoint, username, password } = addresses.ecs;
  const [file, licence] = [join(folder, "test.conf"), join(folder, "licence")];
  writeFileSync(licence, "");
  const values = {
    token_endpoint: `${endpoint}/login`,
    ecs_endpoint: endpoint,
    username,
    password,
    api_version: "4",
    license_file: licence,
    override_header: "true",
  };
  const lines = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(file, ["[func_test]", ...lines, ""].join("\n"), { mode: 0o600 });
  return file;
}
