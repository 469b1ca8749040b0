import fc from "fast-check";
import { expect, test } from "vitest";
import { StorageError } from "../../provider/core/errors.ts";
import { answeringServer } from "./answering.ts";
import { kinds, type Properties, password, quotation, TEXT, unsendable, unwrapped, wild } from "./support.ts";

const server = answeringServer();

const settings = (more: Record<string, string> = {}) => ({
  cloudianEndpoint: server.endpoint,
  cloudianUsername: "sysadmin",
  cloudianPassword: "Zq9~login",
  retryBudget: "0",
  ...more,
});

/** Documents as a confused server may send them: right names with wrong values, wrong names, not even objects. */
const value = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "true",
      "false",
      true,
      false,
      "User",
      "GroupAdmin",
      "blue",
      "ada",
      1,
      "1",
      "007",
      null,
      -1,
      1.5,
      "",
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const fields = [
  "groupId",
  "userId",
  "groupName",
  "active",
  "ldapEnabled",
  "ldapGroup",
  "ldapSearch",
  "s3endpointshttp",
  "s3websiteendpoints",
  "userType",
  "fullName",
  "emailAddr",
  "address1",
  "canonicalUserId",
  "phone",
  "__proto__",
  "constructor",
  "newField",
];
const loose = fc.dictionary(fc.constantFrom(...fields), value);
const usual = { groupId: "blue", userId: "ada", userType: "User", active: "true", ldapEnabled: false };
const document = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 2 }).map((odd) => ({ ...usual, ...odd })),
  },
  { weight: 2, arbitrary: loose },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const key = fc.record(
  { accessKey: value, secretKey: value, createDate: value, expireDate: value, active: value },
  { requiredKeys: [] },
);
const goodKey = fc.record({
  accessKey: fc.constantFrom("k1", "k2"),
  secretKey: fc.constant("Zq9~secret"),
  createDate: fc.constantFrom(1, "2", 3),
  active: fc.constantFrom(true, false, "true"),
});
const keys = fc.oneof(
  { weight: 4, arbitrary: fc.array(goodKey, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(key, goodKey), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const limit = fc.record({
  type: fc.constantFrom("STORAGE_QUOTA_KBYTES_LH", "REQUEST_RATE_LW", "OTHER"),
  value: fc.oneof(fc.integer(), value),
});
const qos = fc.oneof(
  { weight: 4, arbitrary: fc.record({ qosLimitList: fc.array(limit, { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

test("no document of the server yields a crash, a gone object or an impossible state: a typed error or a valid state", async () => {
  const { group, user } = kinds(settings());
  const limits = { limits: {}, systemEndpoint: server.endpoint };
  const groupOlds = {
    ...TEXT,
    groupId: "blue",
    groupName: "n",
    active: true,
    ldap: { enabled: false },
    s3Endpoints: { http: [] },
    userLimits: {},
    ...limits,
  };
  const userOlds = {
    ...TEXT,
    groupId: "blue",
    userId: "ada",
    userType: "User",
    address: { line1: "" },
    fullName: "",
    keyGeneration: 1,
    accessKeyId: "k1",
    secretAccessKey: "Zq9~secret",
    ...limits,
  };
  let valid = 0;
  await fc.assert(
    fc.asyncProperty(document, keys, qos, fc.boolean(), async (body, keyList, limitList, alone) => {
      server.answer = ({ url }) => ({
        status: 200,
        body: JSON.stringify(url.startsWith("/qos") ? limitList : url.startsWith("/user/credentials") ? keyList : body),
      });
      for (const [kind, id, olds] of [
        [group, "blue", groupOlds],
        [user, "blue/ada", userOlds],
      ] as const) {
        try {
          const live = await kind.read(id, alone ? TEXT : olds);
          valid += 1;
          expect(live.id).toBe(id);
          expect(unsendable(live.props)).toEqual([]);
          expect(unsendable(live.inputs)).toEqual([]);
          const inputs = unwrapped(live.inputs as Properties);
          expect(inputs["groupId"]).toBe("blue");
          const { failures } = await kind.check({}, { ...inputs, ...(alone ? {} : { keyGeneration: 1 }), ...TEXT });
          const reasons = (failures ?? []).map(({ reason }) => reason.split(":")[0]);
          // A lost key reads as generation 0, another type of user as it is; both are then told, not taken.
          expect(reasons.filter((reason) => !["keyGeneration", "userType"].includes(reason ?? ""))).toEqual([]);
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
          expect(error.message).not.toContain("unexpected failure");
          expect(error.message.length).toBeLessThan(2000);
          expect("code" in error || "id" in error || "details" in error).toBe(false);
        }
      }
    }),
    { numRuns: 1000 },
  );
  expect(valid).toBeGreaterThan(200);
});

test("no user list of the server empties a group that it does not understand", async () => {
  const { group } = kinds(settings());
  const list = fc.oneof(
    fc.array(loose, { minLength: 1, maxLength: 3 }),
    fc.jsonValue().filter((body) => !(Array.isArray(body) && body.length === 0)),
  );
  await fc.assert(
    fc.asyncProperty(list, fc.jsonValue(), fc.boolean(), async (body, usage, forceDestroy) => {
      server.seen = [];
      server.answer = ({ method, url }) => {
        if (method === "DELETE") return { status: 409, body: "" };
        return { status: 200, body: JSON.stringify(url.startsWith("/user/list") ? body : usage) };
      };
      const olds = { ...TEXT, groupId: "blue", forceDestroy, systemEndpoint: server.endpoint };
      await expect(group.delete("blue", olds)).rejects.toBeInstanceOf(StorageError);
      expect(server.seen.filter(({ method, url }) => method === "DELETE" && url.startsWith("/group"))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("an id is refused by check, or arrives at the server as exactly that text, in the body and in the query", async () => {
  await fc.assert(
    fc.asyncProperty(wild, wild, async (groupId, userId) => {
      server.seen = [];
      server.answer = ({ method }) =>
        method === "PUT"
          ? { status: 200, body: JSON.stringify({ groupId, userId, active: "true" }) }
          : { status: 204, body: "" };
      const { group, user } = kinds(settings());
      const declared = { groupId, userId };
      const checked = await user.check({}, { ...declared, ...TEXT });
      if ((checked.failures ?? []).length > 0) return;
      expect(checked.inputs).toMatchObject(declared);
      const id = `${groupId}/${userId}`;
      expect(await user.read(id, { ...declared, ...TEXT })).toEqual({});
      expect(await group.read(groupId, { groupId, ...TEXT })).toEqual({});
      expect(server.seen.map(({ url }) => decoded(url))).toEqual([
        { path: "/user", groupId, userId },
        { path: "/group", groupId },
      ]);
      await group.create({ ...(await group.check({}, { groupId, ...TEXT })).inputs, ...TEXT });
      expect(JSON.parse(server.seen.at(-1)?.body ?? "")).toEqual({ groupId });
    }),
    { numRuns: 200 },
  );
});

test("a text is refused by check, or arrives at the server as exactly that text", async () => {
  await fc.assert(
    fc.asyncProperty(wild, fc.constantFrom("groupName", "ldap", "s3Endpoints"), async (written, property) => {
      server.seen = [];
      // The group is what its creation has said.
      server.answer = ({ method }) => ({ status: 200, body: method === "GET" ? (server.seen[0]?.body ?? "") : "" });
      const values: Record<string, unknown> = {
        groupName: written,
        ldap: { enabled: true, search: written },
        s3Endpoints: { http: [written] },
      };
      const { group } = kinds(settings());
      const { inputs, failures } = await group.check({}, { groupId: "blue", [property]: values[property], ...TEXT });
      if ((failures ?? []).length > 0) {
        expect(written).toBe("");
        return;
      }
      await group.create({ ...inputs, ...TEXT });
      const body = JSON.parse(server.seen[0]?.body ?? "") as Properties;
      const arrived = {
        groupName: body["groupName"],
        ldap: body["ldapSearch"],
        s3Endpoints: (body["s3endpointshttp"] as string[] | undefined)?.[0],
      };
      expect(arrived[property]).toBe(written);
    }),
    { numRuns: 150 },
  );
});

test("a password arrives as exactly that text, and is in no error, however the server quotes it", async () => {
  await fc.assert(
    fc.asyncProperty(password, quotation, fc.constantFrom(400, 403, 500), async (secret, quoted, status) => {
      server.seen = [];
      server.answer = () => ({ status, body: quoted(secret) });
      const { user } = kinds(settings());
      const olds = {
        ...TEXT,
        groupId: "plain-group",
        userId: "plain-user",
        userType: "User",
        accessKeyId: "k",
        __keyGeneration: 1,
        keyGeneration: 1,
        systemEndpoint: server.endpoint,
      };
      const { systemEndpoint: _endpoint, accessKeyId: _key, __keyGeneration: _generation, ...news } = olds;
      const update = user.update("plain-group/plain-user", olds, { ...news, password: secret });
      const message = await update.then(
        () => "",
        (error: Error) => `${error.message} ${error.stack}`,
      );
      // Not the usual names: the confused servers of this file have handed those out as secret keys.
      expect(message).toContain("Could not set the password of Cloudian user plain-group/plain-user");
      expect(message).not.toContain("Zq9");
      expect(message).not.toContain(Buffer.from(secret).toString("base64"));
      expect(decoded(server.seen[0]?.url ?? "")).toEqual({
        path: "/user/password",
        groupId: "plain-group",
        userId: "plain-user",
        password: secret,
      });
    }),
    { numRuns: 150 },
  );
});

/** By hand, so that what the client's own encoder gets wrong is not undone by its twin. */
function decoded(url: string): Record<string, string> {
  const [path = "", query = ""] = url.split("?");
  const pairs = query.split("&").map((pair) => pair.split("=").map(decodeURIComponent));
  return { path, ...Object.fromEntries(pairs) };
}
