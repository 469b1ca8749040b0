import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import {
  type Kill,
  killAndRecover,
  killAt,
  prepared,
  type Undisturbed,
  undisturbed,
} from "../harness/battery/interruption/kill-cell.ts";
import { startKillable } from "../harness/battery/interruption/killable-process.ts";
import { carryOut, type Operation, operationsOf } from "../harness/battery/interruption/operation.ts";
import { command, patient } from "../harness/battery/interruption/patience.ts";
import type { LittleEngine } from "../harness/battery/little-engine.ts";
import { changed, type Specimen } from "../harness/battery/specimen.ts";
import { cloudianUser } from "../harness/battery/specimens/cloudian.ts";
import { memberSetting } from "../harness/battery/specimens/cloudstack.ts";
import { ecsObjectUser } from "../harness/battery/specimens/ecs.ts";
import type { Properties } from "../harness/provider-client.ts";

/**
 * What only a killed process knew and nothing can prove: a pair of keys has no name, and a member of a list no owner.
 * Either may be somebody else's, so that no run removes it, and only one with leave to adopt takes a pair. What stays is
 * shown here, and that no more does.
 */
let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
});
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterAll(async () => {
  await arena.close();
});

const start = async () => startKillable(arena.config(patient));

function rotationOf(specimen: Specimen, inputs: Properties): Operation {
  const before = specimen.inputs(arena);
  const after = changed(before, { aspect: "key rotation", inputs: { keyGeneration: 2, ...inputs } });
  return { name: "update key rotation", before, after, needsLeave: true };
}

/** Kills the process after the one request was carried out. */
async function killedAfter(specimen: Specimen, operation: Operation, request: string) {
  const reference = await undisturbed(arena, specimen, operation);
  const k = requestOf(reference, request);
  const engine = await prepared(arena, specimen, operation);
  const kill: Kill = { k, moment: "after it was carried out" };
  await killAt(arena, specimen, operation, engine, reference.requests, kill, start);
  return { engine, reference };
}

const rotations = [
  { specimen: cloudianUser, makes: "PUT /user/credentials" },
  { specimen: ecsObjectUser, makes: "POST /object/user-secret-keys/ada" },
];

test.each(rotations)(
  "$specimen.kind: until the pair is made, the next up rotates as if nothing had been",
  async (rotation) => {
    const operation = rotationOf(rotation.specimen, {});
    const reference = await undisturbed(arena, rotation.specimen, operation);
    const k = requestOf(reference, rotation.makes);
    const kill: Kill = { k, moment: "before it is carried out" };
    await killAndRecover(arena, rotation.specimen, operation, reference, kill, start);
  },
);

describe("with leave to adopt, the pair that the killed process has made is taken, and nothing is left over", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test.each([
    { specimen: cloudianUser, what: "keep", inputs: {}, request: "PUT /user/credentials" },
    { specimen: cloudianUser, what: "delete", inputs: { previousKeys: "delete" }, request: "PUT /user/credentials" },
    { specimen: cloudianUser, what: "delete", inputs: { previousKeys: "delete" }, request: "DELETE /user/credentials" },
    { specimen: ecsObjectUser, what: "keep", inputs: {}, request: "POST /object/user-secret-keys/ada" },
    {
      specimen: ecsObjectUser,
      what: "expire",
      inputs: { previousKeyExpiryMinutes: 10 },
      request: "POST /object/user-secret-keys/ada",
    },
  ])("$specimen.kind, previous keys $what, after $request", async ({ specimen, inputs, request }) => {
    const operation = rotationOf(specimen, inputs);
    const reference = await undisturbed(arena, specimen, operation);
    const kill: Kill = { k: requestOf(reference, request), moment: "after it was carried out" };
    vi.stubEnv("CLOUDSTACK_STORAGE_ADOPT", "identical");
    await killAndRecover(arena, specimen, operation, reference, kill, start);
  });
});

describe("CloudianUser: a pair that only the killed process knew", () => {
  const pairs = async () => {
    const { credentials } = (await arena.control.state()).cloudian;
    return Object.keys(credentials).filter((id) => credentials[id]?.["userId"] === "ada");
  };

  test.each([
    { what: "keep", inputs: {}, request: "PUT /user/credentials", left: 3 },
    { what: "delete", inputs: { previousKeys: "delete" }, request: "PUT /user/credentials", left: 2 },
    { what: "delete", inputs: { previousKeys: "delete" }, request: "DELETE /user/credentials", left: 2 },
  ])("previousKeys $what, after $request: it stays beside the new one, and goes with the user", async (scene) => {
    const operation = rotationOf(cloudianUser, scene.inputs);
    const { engine, reference } = await killedAfter(cloudianUser, operation, scene.request);
    const before = await pairs();
    await finish(engine, operation, cloudianUser, ["update it"]);
    const [entry] = engine.entries;
    const after = await pairs();
    expect(after).toHaveLength(scene.left);
    expect(after.filter((id) => !before.includes(id))).toEqual([entry?.outputs["accessKeyId"]]);
    await expectGone(engine, reference);
  });
});

describe("EcsObjectUser: a pair that only the killed process knew", () => {
  const keys = async () => (await arena.control.state()).ecs.users["ns1/ada"]?.keys ?? [];

  test("it holds the second place: the next up is refused, and goes on once it was deleted by hand", async () => {
    const operation = rotationOf(ecsObjectUser, {});
    const { engine, reference } = await killedAfter(ecsObjectUser, operation, rotations[1]?.makes ?? "");
    const [recorded, unknown] = await keys();
    const refused = await command(arena, (process) => carryOut(operation, engine, process, "EcsObjectUser"));
    expect(refused.errors).toEqual([expect.stringContaining("has two keys already, and ECS allows two")]);
    expect(refused.errors[0]).toContain("Delete the one that nobody uses on the array, or wait for its end");
    expect(await keys()).toEqual([recorded, unknown]);
    await arena.control.patch("ecs", { users: { "ns1/ada": { keys: [recorded] } } });
    await finish(engine, operation, ecsObjectUser, ["update it"]);
    expect(await arena.live()).toEqual(reference.live);
    await expectGone(engine, reference);
  });

  test("with previousKeyExpiryMinutes the place is free when the earlier one has ended", async () => {
    const operation = rotationOf(ecsObjectUser, { previousKeyExpiryMinutes: 10 });
    const { engine, reference } = await killedAfter(ecsObjectUser, operation, rotations[1]?.makes ?? "");
    const [, unknown] = await keys();
    await arena.control.advance(600);
    await finish(engine, operation, ecsObjectUser, ["update it"]);
    const secrets = (await keys()).flatMap((key) => (key === null ? [] : [key.secret]));
    expect(secrets.toSorted()).toEqual([unknown?.secret, plainOf(engine)].toSorted());
    await expectGone(engine, reference);
  });
});

describe("GlobalSetting: members that only the killed process knew to be its own", () => {
  const operationNamed = (name: string): Operation => {
    const operation = operationsOf(memberSetting, arena, "given").find((each) => each.name === name);
    if (!operation) throw new Error(`The setting has no operation ${name}.`);
    return operation;
  };

  test.each([
    { name: "create", left: "10.0.0.0/8,10.1.0.0/16,10.2.0.0/16" },
    { name: "update members", left: "10.0.0.0/8,10.3.0.0/16" },
  ])("$name: they count as somebody else's, so that a destroy leaves $left", async ({ name, left }) => {
    const operation = operationNamed(name);
    const { engine, reference } = await killedAfter(memberSetting, operation, "POST updateConfiguration");
    await finish(engine, operation, memberSetting, operation.before ? ["update it"] : ["create it"]);
    expect(await arena.live()).toEqual(reference.live);
    expect(await command(arena, (process) => engine.destroy(process))).toMatchObject({ errors: [] });
    const { settings } = (await arena.control.state()).cloudstack;
    expect(settings?.["secstorage.allowed.internal.sites"]).toMatchObject({ value: left });
  });

  test.each(["create", "update members", "delete"])(
    "%s: until the list is written, nothing is left over",
    async (name) => {
      const operation = operationNamed(name);
      const reference = await undisturbed(arena, memberSetting, operation);
      const k = requestOf(reference, "POST updateConfiguration");
      const kill: Kill = { k, moment: "before it is carried out" };
      await killAndRecover(arena, memberSetting, operation, reference, kill, start);
    },
  );
});

/** Where in the run a request is. */
function requestOf({ requests }: Undisturbed, wanted: string): number {
  return requests.findIndex(
    ({ method, path, body }) => wanted === `${method} ${path}` || wanted === `${method} ${String(body?.["command"])}`,
  );
}

/** The secret that the state holds. */
function plainOf(engine: LittleEngine): unknown {
  const secret = engine.entries[0]?.outputs["secretAccessKey"] as { value: unknown } | undefined;
  return secret?.value;
}

/** The next `up` does what is left to do, and the one after it nothing. */
async function finish(
  engine: LittleEngine,
  operation: Operation,
  { kind }: Specimen,
  todo: readonly string[],
): Promise<void> {
  for (const steps of [todo, []]) {
    const ended = await command(arena, (process) => carryOut(operation, engine, process, kind));
    expect(ended).toMatchObject({ errors: [], steps });
  }
}

async function expectGone(engine: LittleEngine, { destroyed }: Undisturbed): Promise<void> {
  expect(await command(arena, (process) => engine.destroy(process))).toMatchObject({ errors: [] });
  expect(await arena.live()).toEqual(destroyed);
}
