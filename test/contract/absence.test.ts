import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, group, PAIR, Stage, startStub, user } from "./support.ts";

/** Whatever is no clear "not there" of the object's own GET: an error, never "gone". */
const DOUBTS: { what: string; fault: Omit<LabFault, "system">; says: string }[] = [
  { what: "403", fault: { kind: "status", status: 403 }, says: "answered 403" },
  { what: "404", fault: { kind: "status", status: 404 }, says: "answered 404" },
  { what: "400", fault: { kind: "status", status: 400 }, says: "answered 400" },
  { what: "500", fault: { kind: "status", status: 500 }, says: "answered 500" },
  { what: "503", fault: { kind: "status", status: 503 }, says: "answered 503" },
  { what: "an HTML page with 200", fault: { kind: "html" }, says: "an HTML page" },
  { what: "an empty 200", fault: { kind: "status", status: 200 }, says: "the answer is empty" },
  { what: "half an answer", fault: { kind: "truncate" }, says: "closed the connection" },
  { what: "a reset", fault: { kind: "reset-before-read" }, says: "closed the connection" },
  { what: "no answer in time", fault: { kind: "hang" }, says: "did not answer in time" },
];

describe.each(SDKS)("absence in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  let server: DynamicServer;
  let hasty: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
    [server, hasty] = await Promise.all([
      stage.serve({ retryBudget: "0" }),
      stage.serve({ retryBudget: "0", requestTimeoutSeconds: "1" }),
    ]);
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.control.reset();
    await stage.control.patch("cloudian", {
      groups: { blue: {} },
      users: { "blue/ada": {} },
      credentials: {
        [PAIR.accessKeyId]: { groupId: "blue", userId: "ada", secretKey: PAIR.secretAccessKey, createDate: 1 },
      },
    });
  });

  const olds = (kind: "group" | "user") => {
    const more = { limits: {}, systemEndpoint: stage.endpoint };
    return kind === "group" ? group("blue", more) : user("blue", "ada", { ...more, ...PAIR, __keyGeneration: 1 });
  };

  test("204 for the object itself, and nothing else, is gone", async () => {
    await stage.control.patch("cloudian", { groups: { blue: null } });
    const gone = { id: "", inputs: undefined };
    expect(await server.read("blue", olds("group"))).toMatchObject(gone);
    expect(await server.read("blue/ada", olds("user"))).toMatchObject(gone);
    await stage.control.reset();
    await stage.control.patch("cloudian", { groups: { blue: {} } });
    expect(await server.read("blue/ada", olds("user"))).toMatchObject(gone);
  });

  /** Only for what never comes is there no time to wait. */
  const facing = ({ kind }: Pick<LabFault, "kind">) => (kind === "hang" ? hasty : server);

  test.each(DOUBTS)("$what is an error on each request of a read", async ({ fault, says }) => {
    for (const { kind, id, path, what } of [
      { kind: "group", id: "blue", path: "/group", what: "read Cloudian group blue" },
      { kind: "group", id: "blue", path: "/qos/limits", what: "read the limits of Cloudian group blue" },
      { kind: "user", id: "blue/ada", path: "/user", what: "read Cloudian user blue/ada" },
      { kind: "user", id: "blue/ada", path: "/user/credentials/list", what: "list the keys of Cloudian user blue/ada" },
      { kind: "user", id: "blue/ada", path: "/qos/limits", what: "read the limits of Cloudian user blue/ada" },
    ] as const) {
      await stage.control.clearFaults();
      await stage.fault({ ...fault, method: "GET", path });
      const { message, code } = await failureOf(facing(fault).read(id, olds(kind)));
      const gone = says === "answered 400" && path === "/user/credentials/list";
      // For this call 400 is the system's word for "no such user", which the user's own GET has just denied.
      const text = gone ? "Cloudian user blue/ada no longer exists." : `Could not ${what}: `;
      expect(message).toContain(text);
      if (!gone) expect(message).toContain(says);
      expect(code).toBe(2);
    }
  });

  test("401 is an error on a read, and the object stays", async () => {
    const other = await stage.serve({ retryBudget: "0" });
    await stage.fault({ kind: "status", status: 401 });
    expect((await failureOf(other.read("blue", olds("group")))).message).toContain("answered 401");
    expect((await failureOf(other.read("blue/ada", olds("user")))).message).toContain("answered 401");
  });

  test("a key list that says 204 means no keys, not no user", async () => {
    await stage.fault({ kind: "status", status: 204, path: "/user/credentials/list" });
    const { id, inputs } = await server.read("blue/ada", olds("user"));
    expect(id).toBe("blue/ada");
    expect(inputs).toMatchObject({ keyGeneration: 0 });
  });

  test.each(DOUBTS)("a doubtful look before a deletion deletes nothing: $what", async ({ fault }) => {
    await stage.fault({ ...fault, method: "GET", path: "/system/bucketusage" });
    await stage.fault({ ...fault, method: "GET", path: "/user", times: 2 });
    await failureOf(facing(fault).delete("blue/ada", olds("user")));
    expect((await stage.control.state()).cloudian.users).toHaveProperty("blue/ada");
    await stage.control.clearFaults();
    await stage.control.patch("cloudian", { users: { "blue/ada": null } });
    // An empty 200 is how this call says "no users".
    if (fault.status === 200) return;
    await stage.fault({ ...fault, method: "GET", path: "/user/list" });
    await failureOf(facing(fault).delete("blue", olds("group")));
    expect((await stage.control.state()).cloudian.groups).toHaveProperty("blue");
  });

  test("a usage report that does not name the user refuses the deletion", async () => {
    const stub = await startStub(({ method, url }) => {
      if (method !== "GET") return { status: 200 };
      if (url.startsWith("/system/bucketusage")) return { status: 200, body: "[]" };
      return {
        status: 200,
        body: JSON.stringify({ groupId: "blue", userId: "ada", userType: "User", active: "true" }),
      };
    });
    const other = await stage.serve({ cloudianEndpoint: stub.endpoint });
    const { message } = await failureOf(
      other.delete("blue/ada", user("blue", "ada", { systemEndpoint: stub.endpoint })),
    );
    expect(message).toContain("Cloudian user blue/ada is not deleted: HyperStore does not say whether it owns buckets");
    expect(stub.seen.filter((line) => line.startsWith("DELETE"))).toEqual([]);
    await stub.close();
  });
});
