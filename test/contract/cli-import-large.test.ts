import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf, runCommand } from "../harness/command.ts";
import { LabControl } from "../harness/lab.ts";

const numbers = Array.from({ length: 32 }, (_, index) => String(index).padStart(2, "0"));

/** An entry for each number. */
function each<Value>(entry: (number: string) => readonly [string, Value]): Record<string, Value> {
  return Object.fromEntries(numbers.map(entry));
}

let lab: Lab;
let control: LabControl;

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  await control.patch("cloudian", {
    groups: { large: {} },
    users: each((number) => [`large/user-${number}`, {}]),
    credentials: each((number) => [`0123456789abcdef00${number}`, { groupId: "large", userId: `user-${number}` }]),
    buckets: each((number) => [`large/user-${number}`, [{ bucketName: `box-${number}` }]]),
  });
  await control.patch("ecs", {
    users: each((number) => [`ns1/owner-${number}`, {}]),
    buckets: each((number) => [`ns1/crate-${number}`, { owner: `owner-${number}` }]),
  });
});
afterAll(() => lab.close());

/** Of how many objects of this name the first request was there and the last one was not, at most. */
async function mostAtOnce(stem: string): Promise<number> {
  const asked = (await control.requests()).flatMap(
    ({ path, query }) => new RegExp(`${stem}-\\d\\d`).exec(`${path} ${JSON.stringify(query)}`)?.[0] ?? [],
  );
  expect(new Set(asked).size).toBe(32);
  const underWay = new Set<string>();
  const counts = asked.map((name, index) => {
    underWay.add(name);
    const { size } = underWay;
    if (asked.lastIndexOf(name) === index) underWay.delete(name);
    return size;
  });
  return Math.max(...counts);
}

// Four, and the lab may note the last request of each after the first one of its successor.
test.each([
  [["--cloudian-group", "large"], ["user", "box"], 65],
  [["--ecs-namespace", "ns1", "--name", "owner-*"], ["owner"], 32],
  [["--ecs-namespace", "ns1", "--name", "crate-*"], ["crate"], 32],
])("of many objects only as many are under way as there are connections: %j", async (args, stems, all) => {
  await control.clearRequests();
  const env = { ...environmentOf(lab.addresses), CLOUDSTACK_STORAGE_MAX_CONNECTIONS: "4" };
  const run = await runCommand(["import", ...args, "--json"], { cwd: tmpdir(), env });
  const { objects } = JSON.parse(run.stdout) as { objects: { takeover: string }[] };
  expect(objects.filter(({ takeover }) => takeover === "import")).toHaveLength(all);
  for (const stem of stems) expect(await mostAtOnce(stem)).toBeLessThanOrEqual(8);
});
