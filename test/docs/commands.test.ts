import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { settingKeys } from "../../provider/core/setting-keys.ts";
import { type Engine, findEngine } from "../harness/engine/find.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";
import { answerTo, curlFile, curlRequest } from "./curl.ts";
import { allBlocks, pages, place, root, textOf } from "./markdown.ts";
import { openingTime } from "./reader.ts";
import { type Command, commandsOf } from "./shell.ts";

let engine: Engine;
let lab: Lab;

beforeAll(async () => {
  engine = await findEngine({ log: (line) => console.log(line) });
  lab = await startLab({ portBase: 0 });
}, openingTime);

afterAll(async () => {
  await lab.close();
});

/** Answers what is wrong with a command, or undefined. */
type Check = (words: readonly string[], output: string | undefined) => string | undefined | Promise<string | undefined>;

const checks: Readonly<Record<string, Check>> = {
  npm,
  npx,
  pulumi,
  curl,
  node,
  cmk,
  cd: filesIn,
  eval: () => undefined,
  export: exported,
};

describe("shell blocks", () => {
  // Each as a reader finds the lab who begins with it.
  beforeEach(() => new LabControl(lab.addresses.control).reset());

  test("there are some", () => {
    expect(allBlocks("sh", "bash").length).toBeGreaterThan(10);
  });

  test.each(allBlocks("sh", "bash").map((block) => [place(block), block.text]))("%s", async (_place, text) => {
    const problems: string[] = [];
    if (text.includes("$ECS_")) return expect(await runAsItStands(text)).toBeUndefined();
    for (const command of commandsOf(text)) {
      const problem = await problemOf(command);
      if (problem !== undefined) problems.push(`${command.words.join(" ")}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });
});

test("every environment variable of ours that a page names is one that the code reads", () => {
  const sources = globSync("{provider,lab,test/harness,test/live}/**/*.{ts,mjs}", { cwd: root })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  const unknown = pages.flatMap((page) =>
    [...new Set(textOf(page).match(/\b(?:CLOUDIAN|ECS|S3|CLOUDSTACK)_[A-Z_]*[A-Z]\b/g))]
      .filter((name) => !sources.includes(name))
      .map((name) => `${page}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test("the checks see what is wrong", async () => {
  const problems = await Promise.all(
    [
      "npm run no-such-script",
      "npx cloudstack-storage lab --no-such-flag",
      "pulumi no-such-command",
      "pulumi up --no-such-flag",
      "pulumi config set cloudstack-storage:noSuchKey x",
      "curl -X PUT http://127.0.0.1:28081/no-such-path",
      "node no/such/file.ts",
      "npm exec -c 'pulumi no-such-command'",
      "cmk list accounts > examples/quick-start/domains.json",
      "no-such-program",
    ].map(async (text) => await problemOf(commandsOf(text)[0] as Command)),
  );
  expect(problems).not.toContain(undefined);
});

async function problemOf({ assignments, words, output }: Command): Promise<string | undefined> {
  const [program, ...rest] = words;
  const unset = exported(assignments);
  if (program === undefined || unset !== undefined) return unset;
  const check = checks[program];
  return check ? await check(rest, output) : "nothing checks this program; add it to commands.test.ts";
}

function exported(assignments: readonly string[]): string | undefined {
  const known = new Set<string>(Object.values(settingKeys).map(({ environment }) => environment));
  const names = assignments.map((assignment) => assignment.split("=")[0] ?? "");
  const unknown = names.filter((name) => /^(?:CLOUDIAN|ECS|S3|CLOUDSTACK)_/.test(name) && !known.has(name));
  return unknown.length > 0 && !unknown.every((name) => /^CLOUDSTACK_STORAGE_(?:ADOPT|DEBUG)$/.test(name))
    ? `no such variable: ${unknown.join(", ")}`
    : undefined;
}

async function npm([command = "", ...rest]: readonly string[]): Promise<string | undefined> {
  if (command === "exec" && rest[0] === "-c") return await problemOf(commandsOf(rest[1] ?? "")[0] as Command);
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  const needed =
    command === "run" ? (rest.find((word) => word !== "--silent") ?? "") : command === "cit" ? "test" : command;
  if (["run", "test", "cit"].includes(command)) return needed in scripts ? undefined : `there is no script ${needed}`;
  return ["ci", "init", "install", "pack", "pkg"].includes(command) ? undefined : "this npm command is not known here";
}

async function npx([program, ...rest]: readonly string[]): Promise<string | undefined> {
  if (program === "vitest") return filesIn(rest);
  if (program !== "cloudstack-storage") return "only our own command is run through npx";
  const { bin } = JSON.parse(textOf("package.json")) as { bin: Record<string, string> };
  const command = rest.filter((word) => !word.startsWith("-"))[0] ?? "";
  const help = await runWatched(process.execPath, [join(root, bin[program] ?? ""), command, "--help"]);
  if (help.code !== 0) return `${command} --help ended with ${help.code}: ${help.stderr}`;
  return missingFlags(rest, help.stdout);
}

function node(words: readonly string[]): string | undefined {
  return filesIn(words);
}

/** CloudMonkey is not run here; its answer replaces a file that has to have this answer's form already. */
function cmk([verb, noun = ""]: readonly string[], output: string | undefined): string | undefined {
  if (verb !== "list" || output === undefined) return "only a list that goes into a file is known here";
  const answer = JSON.parse(textOf(output)) as Record<string, unknown>;
  return Array.isArray(answer[noun.replace(/s$/, "")]) ? undefined : `${output} holds no ${noun}`;
}

function filesIn(words: readonly string[]): string | undefined {
  const missing = words.filter((word) => word.includes("/") && !existsSync(join(root, word)));
  return missing.length > 0 ? `there is no ${missing.join(", ")}` : undefined;
}

async function pulumi(words: readonly string[]): Promise<string | undefined> {
  const end = words.findIndex((word) => !/^[a-z-]+$/.test(word) || word.startsWith("-"));
  const names = words.slice(0, end < 0 ? undefined : end);
  // Behind a command's own name stand its arguments, and which is which only the help of each knows.
  for (let depth = Math.min(3, names.length); depth > 0; depth -= 1) {
    const path = names.slice(0, depth);
    const help = await helpOf(path);
    if (!isHelpOf(path, help)) continue;
    if (names.length > depth && /^Available Commands:/m.test(help)) return `there is no pulumi ${names.join(" ")}`;
    return missingFlags(words, help) ?? settingOf(words);
  }
  return "there is no such command";
}

/** A command that does not exist is answered with the help of the one before it. */
function isHelpOf(path: readonly string[], help: string): boolean {
  const usage = /^ {2}pulumi ((?:[a-z-]+ ?)+)/m.exec(help)?.[1]?.trim().split(" ") ?? [];
  const aliases = /^Aliases:\n {2}(.+)$/m.exec(help)?.[1]?.split(", ") ?? [];
  const last = path.at(-1) ?? "";
  const parents = path.slice(0, -1).join(" ") === usage.slice(0, -1).join(" ");
  return parents && (usage.at(-1) === last || aliases.includes(last));
}

const helps = new Map<string, Promise<string>>();

function helpOf(path: readonly string[]): Promise<string> {
  const key = path.join(" ");
  const asked = runWatched(engine.pulumi, [...path, "--help"], { env: { ...process.env, ...engine.env() } });
  const help = helps.get(key) ?? asked.then(({ stdout }) => stdout);
  helps.set(key, help);
  return help;
}

function missingFlags(words: readonly string[], help: string): string | undefined {
  const flags = words.filter((word) => /^--?[a-zA-Z]/.test(word)).map((word) => word.split("=")[0] ?? "");
  const missing = flags.filter((flag) => !new RegExp(`(?:^|[\\s,])${flag}(?=[\\s,]|$)`, "m").test(help));
  return missing.length > 0 ? `there is no flag ${missing.join(", ")}` : undefined;
}

/** The setting that a `pulumi config` command names has to exist. */
function settingOf(words: readonly string[]): string | undefined {
  const names: string[] = Object.entries(settingKeys).flatMap(([name, { secret }]) =>
    secret ? [name, `${name}Env`] : [name],
  );
  const named = words.filter((word) => word.startsWith("cloudstack-storage:")).map((word) => word.split(":")[1] ?? "");
  const unknown = named.filter((name) => !names.includes(name));
  return unknown.length > 0 ? `there is no setting ${unknown.join(", ")}` : undefined;
}

/** Sends what `curl` would send, to a lab of this test. */
async function curl(words: readonly string[]): Promise<string | undefined> {
  const { control, cloudian } = lab.addresses;
  const addresses = { "http://127.0.0.1:28080": control, "http://127.0.0.1:28081": cloudian.endpoint };
  const request = curlRequest(
    words.map((word) =>
      Object.entries(addresses).reduce((text, [usual, address]) => text.replace(usual, address), word),
    ),
  );
  if (typeof request === "string") return request;
  const { status, body } = await answerTo(request);
  return status < 400 ? undefined : `${status} ${body}`;
}

/** Runs a block in a shell, with the settings that `lab --env` prints. */
async function runAsItStands(text: string): Promise<string | undefined> {
  const { endpoint, password, caPem } = lab.addresses.ecs;
  const env = { ...process.env, ECS_ENDPOINT: endpoint, ECS_PASSWORD: password, ECS_CA_PEM: caPem };
  const script = `curl() { "${process.execPath}" "${curlFile}" "$@"; }\n${text}`;
  const { code, stdout, stderr } = await runWatched("sh", ["-ec", script], { env });
  return code === 0 ? undefined : `exit code ${code}: ${stdout}${stderr}`;
}
