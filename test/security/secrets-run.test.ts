import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { scanTree } from "../harness/secret-scan/files.ts";
import { type Canary, type Hit, Scanner } from "../harness/secret-scan/scanner.ts";
import { soak } from "../harness/soak.ts";
import { given } from "./secrets-canaries.ts";
import { isSearched } from "./secrets-engine-log.ts";
import { messagesIn } from "./secrets-grpc.ts";
import { type Finished, SecretsProject } from "./secrets-project.ts";
import { Surroundings } from "./secrets-surroundings.ts";

/** What the second half of the runs declares. */
const changed = {
  TEST_NOTE: "second",
  TEST_CMC_PASSWORD: given.nextPassword,
  TEST_SETTING_SECRET: given.nextPassword,
};

const handmade = "00feedfacecafe000001";

describe("a life of every kind under a real engine", { shuffle: false }, () => {
  let project: SecretsProject;
  let surroundings: Surroundings;
  /** Values that servers and we have made on the way, by value. */
  const made = new Map<string, string>();
  const logs: string[] = [];
  const work = ["--yes", "--skip-preview"];
  let lost = "";

  /** At the depth at which the engine's log says most, with its messages in a file, and with our own debug lines. */
  const deeply = async (...args: string[]): Promise<Finished> => {
    const messages = join(project.folder, `messages-${logs.length}.json`);
    logs.push(messages);
    const env = { PULUMI_DEBUG_GRPC: messages, CLOUDSTACK_STORAGE_DEBUG: "1" };
    const finished = await project.pulumi([...args, "--logtostderr", "--verbose=9"], { env });
    await noteMade();
    return finished;
  };

  const noteMade = async () => {
    const { cloudian, ecs } = await project.control.state();
    for (const { secretKey } of Object.values(cloudian.credentials))
      made.set(String(secretKey), "key made by Cloudian");
    for (const { keys } of Object.values(ecs.users))
      for (const key of keys) if (key) made.set(key.secret, "key for ECS");
    for (const proof of project.relays.ecs.proofs) made.set(proof, "token or Basic header of ECS");
    for (const proof of project.relays.cloudian.proofs) made.set(proof, "Basic header of Cloudian");
  };

  const keyOf = async (userId: string): Promise<string> => {
    const { credentials } = (await project.control.state()).cloudian;
    return Object.keys(credentials).find((key) => credentials[key]?.["userId"] === userId) ?? "";
  };

  const canaries = (): Canary[] => [
    ...Object.entries(given).map(([name, value]) => ({ name, value })),
    ...[...made].map(([value, name]) => ({ name, value })),
  ];

  beforeAll(async () => {
    project = await SecretsProject.open();
    const temporary = join(project.folder, "temporary");
    surroundings = new Surroundings(temporary);
    writeFileSync(join(temporary, "planted"), "a file");
    await vi.waitUntil(() => [...surroundings.files.values()].some((text) => text.includes("a file")), 30_000);
    rmSync(join(temporary, "planted"));
  });
  afterAll(async () => {
    surroundings?.stop();
    await project?.close();
  });

  // Each step leaves something to do for the next one; what came of it is asserted, so that no search finds nothing
  // because nothing was done.
  test("up, and an up without a change", async () => {
    if (soak) ended(await deeply("preview"), 0);
    ended(await deeply("up", ...work), 0);
    ended(await project.pulumi(["up", ...work]), 0);
  });

  test("drift: a key that is lost, a name that is changed by hand", async () => {
    lost = await keyOf("spare");
    await project.control.patch("cloudian", {
      credentials: { [lost]: null },
      users: { "blue/ada": { fullName: "by hand" } },
    });
    ended(await project.command(["drift"]), 7);
    if (soak) ended(await deeply("refresh", ...work), 0);
  });

  test("updates that servers refuse in words that hold the whole request", async () => {
    Object.assign(project.env, changed);
    const { cloudian, ecs, cloudstack } = project.relays;
    cloudian.tellAbout(/^POST \/user\/password|^PUT \/user\/credentials/, 400);
    ecs.tellAbout(/^PUT \/object\/bucket\/backups\/policy/, 400);
    cloudstack.tellAbout(/updateConfiguration/, 431);
    const { stdout } = ended(await deeply("up", ...work, "--refresh", "--continue-on-error"), 1);
    for (const what of ["password of Cloudian user blue/ada", "policy of ECS bucket ns1/backups", "ldap.bind.password"])
      expect(stdout).toContain(what);
  });

  test("log-ins that servers refuse in such words", async () => {
    for (const relay of Object.values(project.relays)) relay.tellAbout(/./, 401);
    if (soak) ended(await project.pulumi(["refresh", ...work]), 1);
    ended(await project.command(["doctor"]), 1);
    for (const relay of Object.values(project.relays)) relay.beSilent();
  });

  test("the up that goes on, and imports the lost key again", async () => {
    ended(await deeply("up", ...work), 0);
    expect(await keyOf("spare")).toBe(lost);
  });

  test("doctor, sso-url, import of what was made by hand, and destroy", async () => {
    ended(await project.command(["sso-url", "--group", "blue", "--user", "ada"]), 2);
    ended(await project.command(["doctor", "--json"]), 1);
    const owner = { groupId: "hand", userId: "eve" };
    await project.control.patch("cloudian", {
      groups: { hand: {} },
      users: { "hand/eve": {} },
      credentials: { [handmade]: { ...owner, secretKey: given.handmadeKey } },
    });
    const flags = ["--out", join(project.folder, "imported"), "--take-over", "--no-protect"];
    ended(await project.command(["import", "--cloudian-group", "hand", "--name", "eve", ...flags]), 0);
    ended(await deeply("destroy", ...work), 0);
    surroundings.stop();
  });

  const scanned = (scan: (scanner: Scanner) => Hit[]) => scan(new Scanner(canaries()));

  test("has met every canary", () => {
    expect([...new Set(made.values())].sort()).toEqual([
      "Basic header of Cloudian",
      "key for ECS",
      "key made by Cloudian",
      "token or Basic header of ECS",
    ]);
  });

  test("shows none on standard output or errors of any command, nor in what is not the engine's own of its log", () => {
    const lines = project.finished.flatMap(({ words, stdout, stderr }) =>
      `${stdout}\n${stderr}`.split("\n").map((line) => ({ words, line })),
    );
    const others = lines.filter(({ line }) => isSearched(line));
    // A secret may stand in several lines, and the engine's lines are ever of the same few kinds.
    // How many there are is for the engine and its SDK to say: some five thousand with the newest.
    expect(others.length).toBeGreaterThan(4500);
    expect(scanned((scanner) => byCommand(others).flatMap(([words, text]) => scanner.scan(text, words)))).toEqual([]);
  });

  test("sends none but marked as a secret, the engine's own messages aside", () => {
    const messages = logs.flatMap((file) => messagesIn(readFileSync(file, "utf8")));
    const answers = messages.filter(({ method }) => method === "/pulumirpc.ResourceProvider/Create");
    expect(answers.length).toBeGreaterThan(10);
    expect(scanned((scanner) => messages.flatMap(({ method, text }) => scanner.scan(text, method)))).toEqual([]);
  });

  test("leaves none in the state, its history and backups, nor anywhere else in the project", () => {
    const ours = (path: string) => !path.startsWith("messages-");
    expect(existsSync(join(project.folder, "imported", "imported.ts"))).toBe(true);
    expect(existsSync(join(project.folder, "imported", "import.json"))).toBe(false);
    expect(scanned((scanner) => scanTree(scanner, project.folder, ours))).toEqual([]);
  });

  test("shows none in the process list", () => {
    const { commandLines } = surroundings;
    for (const part of ["cmd/dynamic-provider", "cmd/run", "pulumi up", "main.ts import"])
      expect([...commandLines].join("\n")).toContain(part);
    expect(scanned((scanner) => [...commandLines].flatMap((line) => scanner.scan(line, line.slice(0, 40))))).toEqual(
      [],
    );
  });

  test("writes none into a temporary file", () => {
    expect(scanned((scanner) => [...surroundings.files].flatMap(([name, text]) => scanner.scan(text, name)))).toEqual(
      [],
    );
  });
});

/** Says why not; what it shows is what is tested, so that its canaries are masked. */
function ended(finished: Finished, code: number): Finished {
  if (finished.code === code) return finished;
  const scanner = new Scanner(Object.entries(given).map(([name, value]) => ({ name, value })));
  const said = scanner.masked(`${finished.stdout.slice(-3000)}\n${finished.stderr.slice(-3000)}`);
  throw new Error(`${finished.words} ended with ${finished.code}, not ${code}:\n${said}`);
}

function byCommand(lines: readonly { words: string; line: string }[]): [string, string][] {
  const texts = new Map<string, string[]>();
  for (const { words, line } of lines) texts.set(words, [...(texts.get(words) ?? []), line]);
  return [...texts].map(([words, found]) => [words, found.join("\n")]);
}
