import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { many } from "../harness/soak.ts";
import { tell } from "../harness/telling.ts";
import { type Attack, attacks } from "../harness/transport/attacks.ts";
import { type Aim, type Case, HostileStage } from "../harness/transport/hostile-stage.ts";

const operationSeconds = 4;
const limitMs = (operationSeconds + 2) * 1000;
const limitMiB = 64;
/** In `npm test` a request of this many gets the attacks that take long. */
const everyNth = many(10, 1);

let stage: HostileStage;

beforeAll(async () => {
  // Where no engine listens, warnings go there.
  vi.spyOn(console, "error").mockImplementation(() => {});
  stage = await HostileStage.open(operationSeconds);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await stage.close();
});

test("whatever a server answers, an operation ends in words, in time and within its memory", async () => {
  const aims = await stage.aims();
  const strikes = (isChosen: (attack: Attack) => boolean) =>
    attacks
      .filter(isChosen)
      .flatMap((attack) => aims.filter(isAimOf(attack)).map((aim) => () => stage.strike(aim, attack)));
  const alone = await sideBySide(
    1,
    strikes(({ slow }) => !slow),
  );
  const waiting = await sideBySide(
    8,
    strikes(({ slow }) => slow === true),
  );
  const cases = [...alone, ...waiting];
  expect(cases.filter(({ hits }) => hits === 0).map(told)).toEqual([]);
  expect(cases.filter(({ outcome }) => outcome && !isTyped(outcome)).map(told)).toEqual([]);
  expect(cases.filter(({ milliseconds }) => milliseconds > limitMs).map(told)).toEqual([]);
  // Of those that ran side by side nobody can tell whose memory it was.
  expect(alone.filter(({ grownMiB }) => grownMiB > limitMiB).map(told)).toEqual([]);
  expect(stage.victim.stderr).not.toMatch(/unhandled|MaxListeners/i);
  const most = Math.max(...alone.map(({ grownMiB }) => grownMiB));
  tell(`hostile servers: ${cases.length} cases, ${aims.length} requests, ${Math.round(most)} MiB at most`);
});

function isAimOf({ paging, big, slow }: Attack): (aim: Aim, index: number) => boolean {
  if (paging) return ({ request }) => isList(request);
  return (_, index) => (!big && !slow) || index % everyNth === 0;
}

/** A request whose answer may go on on another page. */
function isList(request: string): boolean {
  return /\/user\/list|\/object\/bucket limit|versions|uploads|^GET \/ | list(?!Capabilities)\w+$/.test(request);
}

/** So many at a time. */
async function sideBySide<T>(width: number, work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const rest = work.entries();
  const worker = async () => {
    for (const [index, each] of rest) results[index] = await each();
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

function isTyped({ name, message }: { name: string; message: string }): boolean {
  return !/^(Error|TypeError|RangeError|SyntaxError)$/.test(name) && !message.includes("report it") && message !== "";
}

function told({ name, outcome, milliseconds, grownMiB, hits }: Case): string {
  const ended = outcome ? `${outcome.name}: ${outcome.message.slice(0, 300)}` : "success";
  return `${name}: ${hits} times, ${Math.round(milliseconds)} ms, ${Math.round(grownMiB)} MiB, ${ended}`;
}
