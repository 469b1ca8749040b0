import { describe, expect, test } from "vitest";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { ada, cloudianSystem, IDS, KEY, LIVE, messageOf, type UserArgs } from "./cloudian-system.ts";

const system = cloudianSystem();
const { client } = system;

const create = (more: Partial<UserArgs> = {}) => userHandler.create(client, ada(more), []);

test("a new user has no texts, is active and has no limits", () => {
  expect(userHandler.creationDefaults(ada({ address: { city: "York", zip: "1" } }))).toEqual({
    fullName: "",
    email: "",
    address: { city: "", zip: "" },
    phone: "",
    website: "",
    active: true,
    limits: {},
    keyGeneration: 0,
  });
});

describe("the creation", () => {
  test("sends what is declared; the id that the system gives is recorded, what follows later is not", async () => {
    const address = { line1: "1 Road", line2: "Yard", city: "York", state: "Yorkshire", zip: "1", country: "UK" };
    const texts = { fullName: "Ada", email: "ada@example.test", phone: "1", website: "w" };
    system.next = { outcome: "created", document: { canonicalUserId: "c-1" } };
    expect(await create({ ...texts, address, active: false, limits: {}, password: "Canary-Passw0rd" })).toEqual({
      id: "blue/ada",
      state: { ...ada({ ...texts, address, active: false }), canonicalUserId: "c-1" },
    });
    expect(system.sent).toEqual([
      [
        "PUT user",
        {
          ...IDS,
          userType: "User",
          fullName: "Ada",
          emailAddr: "ada@example.test",
          phone: "1",
          website: "w",
          address1: "1 Road",
          address2: "Yard",
          city: "York",
          state: "Yorkshire",
          zip: "1",
          country: "UK",
          active: "false",
        },
      ],
    ]);
  });

  test.each([undefined, {}, { canonicalUserId: "" }])(
    "records no canonical id where none is told: %j",
    async (document) => {
      system.next = { outcome: "created", ...(document === undefined ? {} : { document }) };
      expect((await create()).state).toStrictEqual(ada());
    },
  );

  test("meets a user of these ids: the status may say so, or the user itself", async () => {
    system.next = { outcome: "exists" };
    expect(await messageOf(create())).toBe("Cloudian user blue/ada exists already.");
    expect(system.sent).toHaveLength(1);
    system.next = { outcome: "rejected" };
    system.users = { "blue/ada": LIVE };
    expect(await messageOf(create())).toBe("Cloudian user blue/ada exists already.");
  });

  test("is refused without a user being there: the error says what the system said, or that the group is missing", async () => {
    system.next = { outcome: "rejected" };
    expect(await messageOf(create())).toBe(
      "Could not create Cloudian user blue/ada: there is no group blue. Declare it as a CloudianGroup and use its groupId.",
    );
    system.groups = { blue: {} };
    expect(await messageOf(create())).toBe(
      'Could not create Cloudian user blue/ada: https://admin.example.test:19443 answered 409, "Not now.".',
    );
  });

  test("with a password that could be overheard stops before anything is sent; one without a password does not", async () => {
    system.overheard = true;
    expect(await messageOf(create({ password: "Canary-Passw0rd" }))).toBe(
      "refused to set the password of Cloudian user blue/ada",
    );
    expect(system.sent).toEqual([]);
    expect((await create()).id).toBe("blue/ada");
  });
});

describe("a user that exists", () => {
  const own = { storageKiB: { hard: 1 } };
  const find = async (more: Partial<UserArgs>) => (await userHandler.find(client, ada(more)))?.state.limits;

  test("is found with limits of its own, which others have set", async () => {
    system.users = { "blue/ada": LIVE };
    system.limits = { "blue/ada": own, "blue/ALL": { storageKiB: { hard: 2 } } };
    expect(await find({ limits: {} })).toEqual(own);
  });

  test("is found without limits where it shows those of its group's users, for nobody has set any", async () => {
    system.users = { "blue/ada": LIVE };
    system.limits = { "blue/ada": own, "blue/ALL": own };
    const live = await userHandler.find(client, ada({ limits: own }));
    expect(live).toEqual({
      state: {
        ...IDS,
        userType: "User",
        fullName: "",
        email: "",
        address: {},
        phone: "",
        website: "",
        active: true,
        keyGeneration: 1,
        ...KEY,
      },
      ageMs: 3000,
    });
    expect(live?.state).not.toHaveProperty("limits");
  });

  test("is not asked for its group's limits where it shows none, or where they are unmanaged", async () => {
    system.users = { "blue/ada": LIVE };
    expect(await find({ limits: own })).toEqual({});
    expect(await find({})).toBeUndefined();
    expect(system.sent).toEqual([
      ["GET user", "blue/ada"],
      ["GET limits", "blue/ada"],
      ["GET user", "blue/ada"],
    ]);
  });

  test("that is not there is not found", async () => {
    expect(await userHandler.find(client, ada({ limits: {} }))).toBeUndefined();
  });
});
