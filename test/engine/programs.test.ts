import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { calls, LabControl } from "../harness/lab.ts";
import { Installation } from "./clean-program.ts";

const statements = `
const group = new CloudianGroup("group", { groupId: "g", groupName: "mine", limits: { objectCount: { hard: 3 } } });
const user = new CloudianUser("user", { groupId: group.groupId, userId: "u", fullName: "Ada" });
`;

interface Form {
  readonly name: string;
  readonly project: string;
  readonly manifest: object;
  readonly files: Readonly<Record<string, string>>;
}

/** One axis at a time: the module system, the language, and the project that `pulumi new typescript` makes. */
const forms: readonly Form[] = [
  {
    name: "CommonJS JavaScript",
    project: "name: program\nruntime: nodejs\n",
    manifest: { name: "program", main: "index.js" },
    files: {
      "index.js": `const { CloudianGroup, CloudianUser } = require("pulumi-cloudstack-storage");
${statements}
exports.accessKeyId = user.accessKeyId;
`,
    },
  },
  {
    name: "ESM TypeScript with native type stripping",
    project: "name: program\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
    manifest: { name: "program", type: "module", main: "index.ts" },
    files: {
      "index.ts": `import type { Output } from "@pulumi/pulumi";
import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";
${statements}
export const accessKeyId: Output<string> = user.accessKeyId;
`,
    },
  },
  {
    name: "the project of pulumi new typescript",
    project: "name: program\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n",
    manifest: { name: "program", main: "index.ts", devDependencies: { "@types/node": "^22", typescript: "^5.0.0" } },
    files: {
      "index.ts": `import * as pulumi from "@pulumi/pulumi";
import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";
${statements}
export const accessKeyId: pulumi.Output<string> = user.accessKeyId;
`,
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          strict: true,
          outDir: "bin",
          target: "es2020",
          module: "commonjs",
          moduleResolution: "node",
          sourceMap: true,
          experimentalDecorators: true,
          pretty: true,
          noFallthroughCasesInSwitch: true,
          noImplicitReturns: true,
          forceConsistentCasingInFileNames: true,
        },
        files: ["index.ts"],
      }),
    },
  },
];

describe("the packed package in a clean program", () => {
  let installation: Installation;
  let lab: Lab;
  let control: LabControl;

  beforeAll(async () => {
    lab = await startLab({ portBase: 0 });
    control = new LabControl(lab.addresses.control);
    installation = await Installation.make();
  });
  afterAll(async () => {
    installation?.remove();
    await lab?.close();
  });
  beforeEach(() => control.reset());

  test.each(forms)("$name: up, the gate, destroy", async ({ name, project, manifest, files }) => {
    const { endpoint, username, password } = lab.addresses.cloudian;
    const program = installation.program(
      name.replaceAll(" ", "-"),
      { "Pulumi.yaml": project, "package.json": JSON.stringify(manifest), ...files },
      { CLOUDIAN_ENDPOINT: endpoint, CLOUDIAN_USERNAME: username, CLOUDIAN_PASSWORD: password },
    );
    expect(await program.pulumi("stack", "init", "dev", "--non-interactive")).toMatchObject({ code: 0 });
    const up = await program.pulumiWithModules("up", "--yes", "--skip-preview", "--non-interactive");
    expect(up, up.stdout + up.stderr).toMatchObject({ code: 0 });
    expectLeanProgram(up.processes);

    const gate = ["preview", "--refresh", "--diff", "--expect-no-changes", "--non-interactive"];
    const clean = await program.pulumi(...gate);
    expect(clean, clean.stdout + clean.stderr).toMatchObject({ code: 0 });
    await control.patch("cloudian", {
      groups: { g: { groupName: "by hand" } },
      limits: { "g/*": { hlStorageQuotaCount: 4 } },
    });
    await control.clearRequests();
    const drifted = await program.pulumi(...gate);
    expect(drifted).toMatchObject({ code: 7 });
    expect(drifted.stdout).toContain('~ groupName: "by hand" => "mine"');
    expect(drifted.stdout).toMatch(/~ limits\s*: \{\s*~ objectCount: \{\s*~ hard: 4 => 3/);
    expect(calls(await control.requests()).filter((call) => !call.startsWith("GET "))).toEqual([]);

    const destroyed = await program.pulumi("destroy", "--yes", "--skip-preview", "--non-interactive");
    expect(destroyed, destroyed.stdout + destroyed.stderr).toMatchObject({ code: 0 });
    expect(Object.keys((await control.state()).cloudian.groups)).toEqual(["0"]);
  });
});

/** The program's process loads none of the heavy libraries; the provider's process, which does, proves the method. */
function expectLeanProgram(processes: readonly string[][]): void {
  const heavy = (modules: readonly string[]) =>
    modules.filter((url) => /node_modules\/(undici|zod|@aws-sdk)\//.test(url));
  const programs = processes.filter((modules) => modules.some((url) => url.endsWith("/dist/provider/index.js")));
  const providers = processes.filter((modules) => modules.some((url) => url.endsWith("/dist/provider/dynamic.js")));
  expect(programs).toHaveLength(1);
  expect(providers).toHaveLength(1);
  expect(programs.flatMap(heavy)).toEqual([]);
  for (const name of ["undici", "zod"])
    expect(providers.flatMap(heavy).some((url) => url.includes(`node_modules/${name}/`))).toBe(true);
}
