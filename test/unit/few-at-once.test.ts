import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { fewAtOnce } from "../../provider/cli/import/few-at-once.ts";
import { Settings } from "../../provider/core/settings.ts";

const withConnections = (count: string) =>
  new Settings({ get: (key) => (key.endsWith(":maxConnections") ? count : undefined) }, {});

const settings = withConnections("3");

test("of two hundred, three are under way at a time, and the results keep the order", async () => {
  const numbers = Array.from({ length: 200 }, (_, index) => index);
  let underWay = 0;
  let most = 0;
  const results = await fewAtOnce(settings, numbers, async (number) => {
    underWay += 1;
    most = Math.max(most, underWay);
    // The later ones take longer in turns.
    for (let turns = 0; turns <= number % 5; turns += 1) await turn();
    underWay -= 1;
    return `object ${number}`;
  });
  expect(most).toBe(3);
  expect(results).toHaveLength(200);
  expect([results[0], results[1], results[199]]).toEqual(["object 0", "object 1", "object 199"]);
  expect(new Set(results).size).toBe(200);
});

test("none is no work, and any number of connections is enough", async () => {
  expect(await fewAtOnce(settings, [], async () => 1)).toEqual([]);
  expect(await fewAtOnce(withConnections("9000000000"), [1, 2], async (number) => number * 2)).toEqual([2, 4]);
});

test("what fails is told", async () => {
  const look = async (number: number) => {
    if (number === 1) throw new Error("gone");
  };
  await expect(fewAtOnce(settings, [0, 1, 2], look)).rejects.toThrow("gone");
});
