import { expect } from "vitest";
import type { LabFault, LabRequestRecord } from "../../lab.ts";
import type { Arena } from "../arena.ts";
import { LittleEngine } from "../little-engine.ts";
import type { LiveEstate } from "../live-estate.ts";
import { fillMade, type Specimen } from "../specimen.ts";
import type { Killable } from "./killable-process.ts";
import { carryOut, type Operation, programOf } from "./operation.ts";
import { command, forever, soon } from "./patience.ts";

/** What a run without any interruption sends and leaves. */
export interface Undisturbed {
  /** In order. */
  readonly requests: readonly LabRequestRecord[];
  readonly live: LiveEstate;
  /** What is left when everything is destroyed again. */
  readonly destroyed: LiveEstate;
}

/** A process is killed while its request `k` is at the server. */
export interface Kill {
  readonly k: number;
  readonly moment: "before it is carried out" | "after it was carried out";
}

export function killsOf({ requests }: Undisturbed): Kill[] {
  return requests.flatMap((_request, k): Kill[] => [
    { k, moment: "before it is carried out" },
    { k, moment: "after it was carried out" },
  ]);
}

/** One after each request that writes: all others leave what one of these leaves, or nothing. */
export function sharpKillsOf({ requests }: Undisturbed): Kill[] {
  return requests.flatMap((request, k): Kill[] =>
    isWrite(request) ? [{ k, moment: "after it was carried out" }] : [],
  );
}

function isWrite({ method, query, body }: LabRequestRecord): boolean {
  const name = query["command"] ?? body?.["command"];
  if (typeof name === "string") return !/^(list|query)/.test(name);
  return method !== "GET" && method !== "HEAD";
}

/** The estate as it is before the operation, and the engine that holds its state. */
export async function prepared(arena: Arena, specimen: Specimen, { before }: Operation): Promise<LittleEngine> {
  await arena.control.reset();
  await specimen.seed(arena);
  const engine = new LittleEngine();
  if (before) {
    const up = await command(arena, (process) => engine.up(process, programOf(specimen.kind, before)));
    expect(up).toMatchObject({ errors: [], steps: ["create it"] });
    await fillMade(specimen, arena, engine);
  }
  return engine;
}

export async function undisturbed(arena: Arena, specimen: Specimen, operation: Operation): Promise<Undisturbed> {
  const engine = await prepared(arena, specimen, operation);
  await arena.control.clearRequests();
  await finish(arena, specimen, operation, engine);
  // Before the process is asked to end, it has sent nothing else.
  const requests = (await arena.control.requests()).filter(({ path }) => path !== "/logout");
  const live = await arena.live();
  await destroy(arena, engine);
  return { requests, live, destroyed: await arena.live() };
}

/** Kills the process and goes on as the docs say; fails where anything is lost or doubled. */
export async function killAndRecover(
  arena: Arena,
  specimen: Specimen,
  operation: Operation,
  reference: Undisturbed,
  kill: Kill,
  start: () => Promise<Killable>,
): Promise<void> {
  const engine = await prepared(arena, specimen, operation);
  await killAt(arena, specimen, operation, engine, reference.requests, kill, start);
  await finish(arena, specimen, operation, engine);
  expect(await arena.live()).toEqual(reference.live);
  await arena.control.clearRequests();
  const again = await command(arena, (process) => carryOut(operation, engine, process, specimen.kind));
  expect(again).toMatchObject({ errors: [], steps: [] });
  expect(await arena.control.requests()).toEqual([]);
  await destroy(arena, engine);
  expect(await arena.live()).toEqual(reference.destroyed);
  expect(engine.entries).toEqual([]);
}

/** Runs the operation and kills the process when the request is there. */
export async function killAt(
  arena: Arena,
  specimen: Specimen,
  operation: Operation,
  engine: LittleEngine,
  requests: readonly LabRequestRecord[],
  { k, moment }: Kill,
  start: () => Promise<Killable>,
): Promise<void> {
  const system = requests[k]?.system as LabFault["system"];
  const after = requests.slice(0, k).filter((request) => request.system === system).length;
  const isDone = moment === "after it was carried out";
  await arena.control.fault({ system, after, ...(isDone ? { kind: "delay", delayMs: forever } : { kind: "hang" }) });
  const process = await start();
  const running = carryOut(operation, engine, process, specimen.kind);
  try {
    await expect.poll(async () => (await arena.control.faults())[0]?.fired, soon).toBe(1);
  } finally {
    process.kill("SIGKILL");
    await process.exited;
  }
  expect(await running).toMatchObject({ errors: [expect.any(String)] });
  await arena.control.clearFaults();
}

async function finish(arena: Arena, specimen: Specimen, operation: Operation, engine: LittleEngine): Promise<void> {
  const ended = await command(arena, (process) => carryOut(operation, engine, process, specimen.kind));
  expect(ended).toMatchObject({ errors: [] });
}

async function destroy(arena: Arena, engine: LittleEngine): Promise<void> {
  expect(await command(arena, (process) => engine.destroy(process))).toMatchObject({ errors: [] });
}
