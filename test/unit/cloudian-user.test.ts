import { describe, expect, test } from "vitest";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { ada, cloudianSystem, KEY, LIVE, messageOf, type UserArgs } from "./cloudian-system.ts";

type State = Parameters<typeof userHandler.update>[2];

const system = cloudianSystem();
const { client } = system;

const update = (from: State, to: Partial<UserArgs>) =>
  userHandler.update(client, "blue/ada", { ...ada(), ...KEY, ...from }, ada(to), () => {}, []);
const remove = (last: Partial<UserArgs> = {}) => userHandler.delete(client, "blue/ada", ada(last));

test("a user is read whole where nothing is recorded of it", async () => {
  const texts = { fullName: "Ada", emailAddr: "a@b", phone: "1", website: "w" };
  const address = { address1: "1 Road", address2: "Yard", city: "York", state: "Yorkshire", zip: "1", country: "UK" };
  system.users = { "blue/ada": { ...LIVE, ...texts, ...address, canonicalUserId: "c-1" } };
  expect((await userHandler.read(client, "blue/ada", undefined))?.state).toEqual({
    ...ada({ fullName: "Ada", email: "a@b", phone: "1", website: "w", active: true, limits: {} }),
    address: { line1: "1 Road", line2: "Yard", city: "York", state: "Yorkshire", zip: "1", country: "UK" },
    canonicalUserId: "c-1",
    ...KEY,
    previousKeys: undefined,
    onDestroy: undefined,
    adopt: undefined,
  });
});

describe("a change", () => {
  test("of the limits alone writes them, and the same limits are not written", async () => {
    const limits = { storageKiB: { hard: 1 } };
    await update({ limits }, { limits: { ...limits } });
    await update({ limits }, {});
    expect(system.sent).toEqual([]);
    await update({ limits }, { limits: {} });
    expect(system.sent).toEqual([["POST limits", "blue/ada", {}]]);
  });

  test("to an earlier key generation is refused, also where a lost pair reads as none", async () => {
    expect(
      await messageOf(update({ keyGeneration: 0, __keyGeneration: 3 }, { keyGeneration: 2, fullName: "Ada" })),
    ).toBe(
      "keyGeneration of Cloudian user blue/ada can only be raised; the pair in hand is number 3, and 2 is declared.",
    );
    expect(system.sent).toEqual([]);
  });

  test("keeps the canonical id that is recorded, and invents none", async () => {
    expect(await update({ canonicalUserId: "c-1" }, {})).toStrictEqual({ ...ada(), ...KEY, canonicalUserId: "c-1" });
    expect(await update({}, {})).toStrictEqual({ ...ada(), ...KEY });
  });

  test("of nothing sends nothing, even where an import has not recorded the type", async () => {
    const { userType: _type, ...imported } = { ...ada(), ...KEY };
    await userHandler.update(client, "blue/ada", imported, ada(), () => {}, []);
    expect(system.sent).toEqual([]);
  });

  test("that the live user already has is not written", async () => {
    system.users = { "blue/ada": { ...LIVE, fullName: "Ada" } };
    await update({ fullName: "Eve" }, { fullName: "Ada" });
    expect(system.sent).toEqual([["GET user", "blue/ada"]]);
  });

  test("writes the whole document back, without the canonical id, which the call does not take beside the ids", async () => {
    system.users = { "blue/ada": { ...LIVE, phone: "by others", canonicalUserId: "c-1" } };
    await update({}, { fullName: "Ada", limits: {}, password: "Canary-Passw0rd" });
    expect(system.sent).toEqual([
      ["GET user", "blue/ada"],
      ["POST user", { ...LIVE, phone: "by others", fullName: "Ada" }],
      ["POST limits", "blue/ada", {}],
      ["POST password", "blue/ada", "Canary-Passw0rd"],
    ]);
  });

  test("of a user that is gone says how to have it made anew", async () => {
    expect(await messageOf(update({}, { fullName: "Ada" }))).toBe(
      "Cloudian user blue/ada no longer exists. Run pulumi up --refresh to make it anew.",
    );
  });

  test("of a user that has another type by now is refused before anything is written", async () => {
    system.users = { "blue/ada": { ...LIVE, userType: "GroupAdmin" } };
    expect(await messageOf(update({}, { fullName: "Ada" }))).toBe(
      "Cloudian user blue/ada is a GroupAdmin and cannot become a User under the same ids. Declare userType as it is, or choose another userId.",
    );
    expect(system.sent).toEqual([["GET user", "blue/ada"]]);
  });

  test("of a password that could be overheard stops before anything is sent; one of other properties does not", async () => {
    system.overheard = true;
    system.users = { "blue/ada": LIVE };
    const text = "refused to set the password of Cloudian user blue/ada";
    const password = "Canary-Passw0rd";
    expect(await messageOf(update({ password: "Before-Passw0rd" }, { password, fullName: "Ada" }))).toBe(text);
    expect(await messageOf(update({}, { password }))).toBe(text);
    expect(system.sent).toEqual([]);
    await update({ password }, { password, fullName: "Ada" });
    await update({ password }, { fullName: "Ada" });
    expect(system.sent.map(([call]) => call)).toEqual(["GET user", "POST user", "GET user", "POST user"]);
  });
});

describe("the removal", () => {
  test("of a user with buckets is refused, with the ways on", async () => {
    system.buckets = { "blue/ada": ["b1", "b2"] };
    expect(await messageOf(remove())).toBe(
      "Cloudian user blue/ada is not deleted: it owns 2 buckets (b1, b2), and what a deletion would do to their data is unknown. " +
        "Empty and delete them first, with an S3 client and the keys of their owner: every object version, delete marker and " +
        "unfinished upload, then the bucket (without versions `aws s3 rb s3://NAME --force --endpoint-url S3_ENDPOINT` does it). " +
        'Or keep the user with onDestroy: "deactivate" (run pulumi up before the destroy).',
    );
    expect(system.sent).toEqual([]);
  });

  test("is refused while nobody knows whether the user owns buckets, and done where the user is gone", async () => {
    system.knowsBuckets = false;
    expect(await messageOf(remove())).toBe("no error");
    system.users = { "blue/ada": LIVE };
    expect(await messageOf(remove())).toBe(
      "Cloudian user blue/ada is not deleted: HyperStore does not say whether it owns buckets, and what a deletion would do " +
        "to them is unknown.",
    );
    expect(system.sent).toEqual([
      ["GET user", "blue/ada"],
      ["GET user", "blue/ada"],
    ]);
  });

  test("that the system refuses is an error while the user is there", async () => {
    system.users = { "blue/ada": LIVE };
    system.next = { outcome: "refused" };
    expect(await messageOf(remove())).toBe(
      'Could not delete Cloudian user blue/ada: https://admin.example.test:19443 answered 409, "Not now.". See to what keeps it, then run the same command again.',
    );
  });

  test("of a user that is gone, or has gone, is done", async () => {
    for (const outcome of ["refused", "deleted"] as const) {
      system.next = { outcome };
      await remove();
    }
    expect(system.sent).toEqual([
      ["DELETE user", "blue/ada"],
      ["GET user", "blue/ada"],
      ["DELETE user", "blue/ada"],
    ]);
  });

  test("that only deactivates leaves everything else, and writes nothing where the user is off or gone", async () => {
    await remove({ onDestroy: "deactivate" });
    system.users = { "blue/ada": { ...LIVE, active: "false" } };
    await remove({ onDestroy: "deactivate" });
    expect(system.sent).toEqual([
      ["GET user", "blue/ada"],
      ["GET user", "blue/ada"],
    ]);
    system.users = { "blue/ada": { ...LIVE, phone: "by others", canonicalUserId: "c-1" } };
    await remove({ onDestroy: "deactivate" });
    expect(system.sent.at(-1)).toEqual(["POST user", { ...LIVE, phone: "by others", active: "false" }]);
  });
});

test.each(["ada", "/ada", "blue/", "", "/"])("%j is no id to import a user by", async (id) => {
  expect(await messageOf(Promise.resolve().then(() => userHandler.read(client, id, undefined)))).toBe(
    `"${id}" is no id of a Cloudian user; it has the form groupId/userId.`,
  );
});
