import { setTimeout as wait } from "node:timers/promises";
import { afterAll } from "vitest";

/** Whatever a test closes is given so long to be closed. */
const patienceMs = 5000;

// A pipe to the parent is opened where it is first used, and stays.
for (const pipe of [process.stdin, process.stdout, process.stderr]) pipe.listenerCount("error");
const before = open();

/** Runs after the last hook of every test file: nothing may be left that would keep a process alive. */
afterAll(async () => {
  const deadline = performance.now() + patienceMs;
  // Also lets vitest take its own timer out of the count, which it does once the hook waits.
  do await wait(10, undefined, { ref: false });
  while (leftOpen().length > 0 && performance.now() < deadline);
  const left = leftOpen();
  if (left.length > 0) throw new Error(`This test file has left open: ${left.join(", ")}.`);
}, patienceMs * 2);

function leftOpen(): string[] {
  return [...open()].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} ${kind}`] : [];
  });
}

/** Sockets, servers, processes, timers, watchers: what Node.js waits for before it ends. */
function open(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
