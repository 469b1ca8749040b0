import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket, objectUser } from "./ecs-support.ts";
import { failureOf } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };
const NAMESPACE = (name: string) => `GET /object/namespaces/namespace/${name}`;

/** Whatever is no clear "not there" of the object's own GET: an error, never "gone". */
const DOUBTS: { what: string; fault: Omit<LabFault, "system"> }[] = [
  { what: "400 without a word about the object", fault: { kind: "status", status: 400 } },
  { what: "403", fault: { kind: "status", status: 403 } },
  { what: "an HTML page with 404", fault: { kind: "html", status: 404 } },
  { what: "an HTML page with 200", fault: { kind: "html" } },
  { what: "500", fault: { kind: "status", status: 500 } },
  { what: "503", fault: { kind: "status", status: 503 } },
  { what: "an empty 200", fault: { kind: "status", status: 200 } },
  { what: "half an answer", fault: { kind: "truncate" } },
  { what: "a reset", fault: { kind: "reset-before-read" } },
  { what: "no answer in time", fault: { kind: "hang" } },
];

/** Every request of a read: whose, which, and as what the error names it. */
const READS = [
  { kind: "user", path: "/object/users/own/info", what: "read ECS object user ns1/own" },
  { kind: "user", path: "/object/user-secret-keys/own/ns1", what: "read the keys of ECS object user ns1/own" },
  { kind: "bucket", path: "/object/bucket/inv/info", what: "read ECS bucket ns1/inv" },
  { kind: "bucket", path: "/object/bucket/inv/policy", what: "read the policy of ECS bucket ns1/inv" },
  { kind: "bucket", system: "ecs-s3", path: "/inv*", what: "read the versioning of bucket inv" },
  { kind: "cors", system: "ecs-s3", path: "/inv*", what: "read the CORS rules of bucket inv" },
] as const;

// What the SDKs' servers make of an empty answer is shown with the Cloudian kinds; one serves here.
describe("absence on an ECS", () => {
  let stage: EcsStage;
  let server: DynamicServer;
  let hasty: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    [server, hasty] = await Promise.all([
      stage.serve({ retryBudget: "0" }),
      stage.serve({ retryBudget: "0", requestTimeoutSeconds: "1", operationTimeoutSeconds: "5" }),
    ]);
    await seed();
    for (const each of [server, hasty]) {
      await each.read("ns1/inv", recorded("cors"));
      await each.read("ns1/inv", recorded("bucket"));
    }
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.clean());

  const seed = () => stage.patch({ users: { "ns1/own": { keys: [KEY] } }, buckets: { "ns1/inv": { owner: "own" } } });
  const recorded = (kind: "user" | "bucket" | "cors"): Properties => {
    const at = { systemEndpoint: stage.endpoint };
    if (kind === "user") return objectUser("own", { secretAccessKey: SECRET, __keyGeneration: 1, ...at });
    return ecsBucket(
      "inv",
      "own",
      kind === "cors" ? { cors: [], ...at } : { policy: "private", versioning: true, ...at },
    );
  };
  const idOf = (kind: string) => (kind === "user" ? "ns1/own" : "ns1/inv");

  test.each([
    // May also mean that the namespace is not there, so that is looked at.
    { missingBucketStatus: 400, looks: [NAMESPACE("ns1")] },
    { missingBucketStatus: 404, looks: [] },
  ])(
    "a bucket that is not there, in the array's form $missingBucketStatus, is gone",
    async ({ missingBucketStatus, looks }) => {
      await stage.patch({ options: { missingBucketStatus } });
      const { result, sent } = await stage.resultOf(() => server.read("ns1/inv", recorded("bucket")));
      expect(result).toMatchObject({ id: "", inputs: undefined });
      expect(sent).toEqual(["GET /object/bucket/inv/info?namespace=ns1", ...looks]);
    },
  );

  test("a namespace that is not there is an error, also where the bucket has its name", async () => {
    const olds = (name: string) => ecsBucket(name, "own", { namespace: "ns9", systemEndpoint: stage.endpoint });
    for (const name of ["inv", "ns9"]) {
      let message = "";
      const sent = await stage.callsOf(async () => {
        message = (await failureOf(server.read(`ns9/${name}`, olds(name)))).message;
      });
      expect(sent).toEqual([`GET /object/bucket/${name}/info?namespace=ns9`, NAMESPACE("ns9")]);
      expect(message).toBe(
        `Could not read ECS bucket ns9/${name}: ${stage.endpoint} answered 400, code 1004, "Something that the request names was not found: Unable to find namespace ns9".`,
      );
    }
    expect((await failureOf(server.read("ns9/own", objectUser("own", { namespace: "ns9" })))).message).toContain(
      "Could not read ECS object user ns9/own: ",
    );
    expect((await failureOf(server.delete("ns9/inv", olds("inv")))).message).toContain("Unable to find namespace ns9");
  });

  test("a bucket of the namespace's name that is not there is gone, once the namespace is seen", async () => {
    const { result, sent } = await stage.resultOf(() => server.read("ns1/ns1", ecsBucket("ns1", "own")));
    expect(result.id).toBe("");
    expect(sent).toEqual(["GET /object/bucket/ns1/info?namespace=ns1", NAMESPACE("ns1")]);
  });

  /** Only for what never comes is there no time to wait. */
  const facing = ({ kind }: Pick<LabFault, "kind">) => (kind === "hang" ? hasty : server);

  test.each(DOUBTS)("$what is an error on each request of a read", async ({ fault }) => {
    await seed();
    for (const { kind, path, what, ...more } of READS) {
      // An empty 200 is how this call says "no policy".
      if (fault.status === 200 && path.endsWith("/policy")) continue;
      await stage.fault({ ...fault, ...more, method: "GET", path });
      const { message, code } = await failureOf(facing(fault).read(idOf(kind), recorded(kind)));
      expect(message).toContain(`Could not ${what}`);
      expect(code).toBe(2);
      await stage.control.clearFaults();
    }
  });

  test.each(DOUBTS)("a doubtful look at the namespace's buckets deletes no user: $what", async ({ fault }) => {
    await seed();
    await stage.fault({ ...fault, method: "GET", path: "/object/bucket" });
    await failureOf(facing(fault).delete("ns1/own", recorded("user")));
    expect(await stage.userNamed("own")).toMatchObject({ keys: [{ secret: SECRET }, null] });
  });

  test("an object that another endpoint holds is neither read nor touched; an alias, and another spelling, is the same one", async () => {
    await seed();
    const elsewhere = { ...recorded("bucket"), systemEndpoint: "https://old.example.test:4443" };
    for (const call of [
      () => server.read("ns1/inv", elsewhere),
      () => server.update("ns1/inv", elsewhere, ecsBucket("inv", "own", { quotaGiB: 1 })),
      () => server.delete("ns1/inv", elsewhere),
    ]) {
      let message = "";
      const sent = await stage.callsOf(async () => {
        message = (await failureOf(call())).message;
      });
      expect(sent).toEqual([]);
      expect(message).toBe(
        `ECS bucket ns1/inv is recorded at https://old.example.test:4443, but the settings now name ${stage.endpoint}. Nothing was read or changed, because an object of the same name there may be somebody else's. If it is the same system under a new address, set ecsEndpointAliases to https://old.example.test:4443; if it is another system, keep the old endpoint (an explicit Provider) until the object is destroyed.`,
      );
    }
    const spelled = await stage.serve({
      ecsEndpoint: `${stage.endpoint.replace("https:", "HTTPS:")}/`,
      ecsEndpointAliases: "https://OLD.example.test:4443/",
    });
    for (const olds of [elsewhere, recorded("bucket")]) {
      expect(
        await spelled.diff("ns1/inv", olds, ecsBucket("inv", "own", { policy: "private", versioning: true })),
      ).toMatchObject({
        changes: "NONE",
      });
      expect(await spelled.read("ns1/inv", olds)).toMatchObject({
        id: "ns1/inv",
        properties: { systemEndpoint: stage.endpoint },
      });
    }
  });
});
