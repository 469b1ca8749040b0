import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";
import { Scanner } from "../harness/secret-scan/scanner.ts";
import type { Kind, Kinds, Properties } from "../property/support.ts";
import { given } from "./secrets-canaries.ts";
import { withoutMarked } from "./secrets-grpc.ts";
import { everythingOf, type Page, Relay } from "./secrets-relay.ts";

const TEXT = { __provider: "text" };
const zoneId = "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35";

const written = ({ method, url, body }: Parameters<Page>[0]) => `${method} ${decodeURIComponent(url)} ${body}`;
/** How servers repeat what they were sent. */
const pages: Readonly<Record<string, Page>> = {
  everything: everythingOf,
  "the body alone": ({ body }) => body,
  "in base64": (seen) => Buffer.from(written(seen)).toString("base64"),
  "in base64 for URLs": (seen) => Buffer.from(` ${written(seen)}`).toString("base64url"),
  "in hex": (seen) => Buffer.from(written(seen)).toString("hex"),
  "in HEX": (seen) => Buffer.from(written(seen)).toString("hex").toUpperCase(),
  "percent-encoded twice": (seen) => encodeURIComponent(encodeURIComponent(written(seen))),
  "in JSON of ASCII": (seen) =>
    JSON.stringify(written(seen)).replace(
      /[^ -~]|[<>&]/g,
      (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
};

interface Life {
  readonly name: string;
  readonly kind: keyof Kinds;
  /** What a program declares of the object of this number. */
  declare(number: number): Properties;
  /** What the next program changes of it; some kinds can only be replaced. */
  readonly change?: Properties;
}

const statement = { Effect: "Allow", Principal: "*", Action: "s3:GetObject" };
const policyOf = (number: number, referer: string) => ({
  Statement: [
    {
      ...statement,
      Resource: `arn:aws:s3:::bucket-${number}/*`,
      Condition: { StringEquals: { "aws:Referer": referer } },
    },
  ],
});
const hidden = (name: string) => ({ __secrets: [name] });

describe("errors, with all that is in them", () => {
  let lab: Lab;
  let control: LabControl;
  let relays: Record<"cloudian" | "ecs" | "cloudstack" | "s3" | "ecsS3", Relay>;
  const printed: string[] = [];

  beforeAll(async () => {
    lab = await startLab({ portBase: 0 });
    control = new LabControl(lab.addresses.control);
    const { cloudian, ecs, cloudstack } = lab.addresses;
    relays = {
      cloudian: await Relay.to(cloudian.endpoint),
      s3: await Relay.to(cloudian.s3Endpoint),
      ecs: await Relay.to(ecs.endpoint, ecs.caPem),
      ecsS3: await Relay.to(ecs.s3Endpoint),
      cloudstack: await Relay.to(cloudstack.endpoint),
    };
  });
  afterAll(async () => {
    await Promise.all(Object.values(relays).map((relay) => relay.close()));
    await lab.close();
  });
  beforeEach(async () => {
    await control.reset();
    vi.stubEnv("CLOUDSTACK_STORAGE_DEBUG", "1");
    vi.spyOn(console, "error").mockImplementation((text: string) => void printed.push(text));
    const owner = { groupId: "blue", userId: "ada" };
    await control.patch("cloudian", {
      options: { password: given.cloudianPassword },
      groups: { blue: {} },
      users: { "blue/ada": {} },
      credentials: { OWN: { ...owner, secretKey: given.handmadeKey } },
    });
    const [admin = ""] = Object.keys((await control.state()).cloudstack["users"] ?? {});
    await control.patch("ecs", { options: { password: given.ecsPassword }, users: { "ns1/owner": {} } });
    await control.patch("cloudstack", { users: { [admin]: { secretKey: given.cloudstackSecretKey } } });
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    for (const relay of Object.values(relays)) relay.beSilent();
    printed.length = 0;
  });

  const lives: readonly Life[] = [
    { name: "CloudianGroup", kind: "group", declare: (n) => ({ groupId: `g${n}` }), change: { groupName: "other" } },
    {
      name: "CloudianUser",
      kind: "user",
      declare: (n) => ({ groupId: "blue", userId: `u${n}`, password: given.cmcPassword }),
      change: { password: given.nextPassword },
    },
    { name: "EcsObjectUser", kind: "ecsUser", declare: (n) => ({ userName: `u${n}` }), change: { keyGeneration: 2 } },
    {
      name: "EcsBucket",
      kind: "ecsBucket",
      declare: (n) => ({
        bucketName: `bucket-${n}`,
        owner: "owner",
        policy: policyOf(n, given.policySecret),
        ...hidden("policy"),
      }),
      change: { policy: policyOf(0, given.nextPassword) },
    },
    {
      name: "S3Bucket",
      kind: "s3Bucket",
      declare: (n) => ({
        ...{ endpoint: relays.s3.endpoint, accessKeyId: "OWN", secretAccessKey: given.handmadeKey },
        ...{ bucketName: `bucket-${n}`, policy: policyOf(n, given.policySecret), ...hidden("policy") },
      }),
      change: { policy: policyOf(0, given.nextPassword) },
    },
    {
      name: "S3SecondaryStorage",
      kind: "store",
      declare: (n) => ({
        ...{ endpoint: relays.s3.endpoint, bucket: `bucket-${n}`, verifyBucket: false, useHttps: false },
        ...{ accessKeyId: `key-${n}`, secretAccessKey: given.handmadeKey, storeName: `s${n}` },
      }),
      change: { readOnly: true },
    },
    {
      name: "SecondaryStagingStore",
      kind: "staging",
      declare: (n) => ({ zoneId, server: "nfs.example.test", path: `/${n}` }),
    },
    {
      name: "GlobalSetting",
      kind: "setting",
      declare: () => ({ settingName: "ldap.bind.password", value: given.settingSecret, onDestroy: "reset" }),
      change: { value: given.nextPassword },
    },
    {
      name: "ObjectStoragePool",
      kind: "pool",
      declare: (n) => ({
        ...{ poolName: `p${n}`, url: `https://p${n}.example.test:9000`, providerName: "MinIO" },
        s3: { accessKeyId: "pool", secretAccessKey: given.poolSecret },
      }),
      change: { url: "https://other.example.test:9000" },
    },
  ];

  /** A process that has seen no secret yet: what one call remembers would else hide what another one does not. */
  const freshProcess = async (): Promise<Kinds> => {
    vi.resetModules();
    const { kinds } = await import("../property/support.ts");
    return kinds({
      cloudianEndpoint: relays.cloudian.endpoint,
      cloudianUsername: "sysadmin",
      cloudianPassword: given.cloudianPassword,
      ecsEndpoint: relays.ecs.endpoint,
      ecsUsername: "pulumi",
      ecsPassword: given.ecsPassword,
      ecsNamespace: "ns1",
      ecsS3Endpoint: relays.ecsS3.endpoint,
      cloudstackEndpoint: relays.cloudstack.endpoint,
      cloudstackApiKey: lab.addresses.cloudstack.apiKey,
      cloudstackSecretKey: given.cloudstackSecretKey,
      retryBudget: "0",
    });
  };

  const inputsOf = async (kind: Kind, declared: Properties): Promise<Properties> => {
    const { inputs, failures } = await kind.check({}, { ...TEXT, ...declared });
    expect(failures).toEqual([]);
    return plain(inputs);
  };

  /** An object of this number, made while all servers behave, with what the state keeps of it. */
  const made = async (kind: Kind, declared: Properties) => {
    const { id, outs } = await kind.create(await inputsOf(kind, declared));
    return { id, olds: { ...plain(outs ?? {}), ...TEXT } };
  };

  /** From here on all systems refuse, either everything or what would change something. */
  const refuse = (what: "everything" | "changes", status: number, page: Page) => {
    const changes = /^(PUT|POST|DELETE) |command=(add|create|update|delete|reset)/;
    const matches = what === "everything" ? /^(?!GET \/log(in|out))/ : changes;
    for (const relay of Object.values(relays)) relay.tellAbout(matches, status, page);
  };

  const canaries = async () => {
    const { cloudian, ecs } = await control.state();
    const keys = Object.values(cloudian.credentials).map(({ secretKey }) => String(secretKey));
    const pushed = Object.values(ecs.users).flatMap(({ keys }) => keys.flatMap((key) => (key ? [key.secret] : [])));
    const proofs = Object.values(relays).flatMap(({ proofs }) => [...proofs]);
    const own = Object.entries(given).map(([name, value]) => ({ name, value }));
    const others = [...keys, ...pushed, ...proofs].filter((value) => value !== given.handmadeKey);
    return [...own, ...others.map((value) => ({ name: "made or proven on the way", value }))];
  };

  const thrownBy = async (call: Promise<unknown>): Promise<string> => {
    const error: unknown = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error === undefined) return "";
    // The engine gets these as they are, and flagged.
    if (typeof error === "object" && error !== null && "properties" in error)
      error.properties = withoutMarked(error.properties);
    return [inspect(error, { depth: null, showHidden: true }), String(error), JSON.stringify(error)].join("\n");
  };

  const refusals = [
    ...Object.values(pages).flatMap((page) => [
      { what: "everything", status: 400, page } as const,
      { what: "changes", status: 400, page } as const,
    ]),
    ...[403, 500].map((status) => ({ what: "changes", status, page: everythingOf }) as const),
    // A refused password is not tried again by a process, which leaves nothing to see after it.
    { what: "everything", status: 401, page: everythingOf } as const,
  ];
  const operations = ["create", "read", "update", "delete"] as const;

  describe.each(lives)("$name", ({ kind: name, declare, change }) => {
    test.each(operations.filter((operation) => change || operation !== "update"))("%s", async (operation) => {
      const first = (await freshProcess())[name];
      const { id, olds } = operation === "create" ? { id: "", olds: {} } : await made(first, declare(0));
      const texts: string[] = [];
      for (const { what, status, page } of refusals) {
        const kind = (await freshProcess())[name];
        const inputs = await inputsOf(kind, declare(operation === "create" ? 1 : 0));
        const calls = {
          create: () => kind.create(inputs),
          read: () => kind.read(id, olds),
          update: () => kind.update(id, olds, { ...inputs, ...change }),
          delete: () => kind.delete(id, olds),
        };
        refuse(what, status, page);
        texts.push(await thrownBy(calls[operation]()));
        for (const relay of Object.values(relays)) relay.beSilent();
      }
      // A read changes nothing, so that only a system that refuses everything refuses one.
      const refused = texts.filter((_, index) => operation !== "read" || refusals[index]?.what === "everything");
      expect(refused.filter((text) => !text.includes("answered"))).toEqual([]);
      const scanner = new Scanner(await canaries());
      expect([...texts, ...printed].flatMap((text) => scanner.scan(text, operation))).toEqual([]);
    });
  });
});

/** As the engine hands results back to a provider that declines secrets. */
function plain(properties: Properties): Properties {
  const bare = (value: unknown) =>
    typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value && "value" in value
      ? value.value
      : value;
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, bare(value)]));
}
