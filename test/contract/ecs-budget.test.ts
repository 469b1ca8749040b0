import { expect, test } from "vitest";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket, objectUser, plain } from "./ecs-support.ts";

const names = Array.from({ length: 100 }, (_, n) => `n${100 + n}`);

function counted(sent: string[]): Record<string, number> {
  const kinds = sent.map((line) => line.replace(/n\d{3}/, "*"));
  return Object.fromEntries(
    [...new Set(kinds)].sort().map((kind) => [kind, kinds.filter((each) => each === kind).length]),
  );
}

// A request costs the same whichever SDK serves. Every phase is a process of its own, as the engine has it.
test("100 users and 100 buckets: create 301, unchanged 0, quota change 100, destroy 200 and a page, a log-in each", async () => {
  const stage = await EcsStage.open("newest");
  try {
    const users = names.map((name) => objectUser(name));
    const buckets = names.map((name) =>
      ecsBucket(`b-${name}`, name, { encryption: true, quotaGiB: 5, notifyAtGiB: 4 }),
    );
    const making = await stage.serve();
    const made: Properties[][] = [];
    const create = await stage.callsOf(async () => {
      made.push(
        (await Promise.all(users.map((user) => making.create(user)))).map(({ properties }) => plain(properties)),
      );
      made.push(
        (await Promise.all(buckets.map((bucket) => making.create(bucket)))).map(({ properties }) => plain(properties)),
      );
    });
    expect(counted(create)).toEqual({
      "GET /login": 1,
      "POST /object/bucket": 100,
      "POST /object/user-secret-keys/*": 100,
      "POST /object/users": 100,
    });
    const [userStates = [], bucketStates = []] = made;

    const changing = await stage.serve();
    const unchanged = await stage.callsOf(async () => {
      for (const [n, name] of names.entries()) {
        await changing.check(userStates[n] ?? {}, users[n] ?? {});
        await changing.check(bucketStates[n] ?? {}, buckets[n] ?? {});
        expect(await changing.diff(`ns1/${name}`, userStates[n] ?? {}, users[n] ?? {})).toMatchObject({
          changes: "NONE",
        });
        expect(await changing.diff(`ns1/b-${name}`, bucketStates[n] ?? {}, buckets[n] ?? {})).toMatchObject({
          changes: "NONE",
        });
      }
    });
    expect(unchanged).toEqual([]);
    const change = await stage.callsOf(() =>
      Promise.all(
        names.map((name, n) => changing.update(`ns1/b-${name}`, bucketStates[n] ?? {}, { ...buckets[n], quotaGiB: 6 })),
      ),
    );
    expect(counted(change)).toEqual({ "GET /login": 1, "PUT /object/bucket/b-*/quota": 100 });

    const destroying = await stage.serve();
    const destroy = await stage.callsOf(async () => {
      await Promise.all(names.map((name, n) => destroying.delete(`ns1/b-${name}`, bucketStates[n] ?? {})));
      await Promise.all(names.map((name, n) => destroying.delete(`ns1/${name}`, userStates[n] ?? {})));
    });
    expect(counted(destroy)).toEqual({
      "GET /login": 1,
      "GET /object/bucket?limit=1000&namespace=ns1": 1,
      "POST /object/bucket/b-*/deactivate?namespace=ns1": 100,
      "POST /object/users/deactivate": 100,
    });
    const { users: usersLeft, buckets: bucketsLeft } = await stage.ecs();
    expect([usersLeft, bucketsLeft]).toEqual([{}, {}]);
  } finally {
    await stage.close();
  }
});
