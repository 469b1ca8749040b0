import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { bucketHandler as ecsBucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import {
  CloudianGroup,
  CloudianUser,
  EcsBucket,
  EcsObjectUser,
  Provider,
  type ProviderArgs,
  S3Bucket,
} from "../../provider/index.ts";
import { bucketHandler as s3BucketHandler } from "../../provider/s3/bucket.handler.ts";

const GROUP = [
  "groupId",
  "groupName",
  "active",
  "ldap",
  "s3Endpoints",
  "limits",
  "userLimits",
  "onDestroy",
  "forceDestroy",
  "adopt",
  "systemEndpoint",
];
const USER = [
  "groupId",
  "userId",
  "userType",
  "fullName",
  "email",
  "address",
  "phone",
  "website",
  "active",
  "limits",
  "password",
  "keyGeneration",
  "previousKeys",
  "onDestroy",
  "adopt",
  "canonicalUserId",
  "accessKeyId",
  "secretAccessKey",
  "retiringAccessKeyId",
  "systemEndpoint",
];

const ECS_USER = [
  "userName",
  "namespace",
  "locked",
  "tags",
  "keyGeneration",
  "previousKeyExpiryMinutes",
  "onDestroy",
  "adopt",
  "accessKeyId",
  "secretAccessKey",
  "s3Endpoint",
  "systemEndpoint",
];
const ECS_BUCKET = [
  "bucketName",
  "namespace",
  "owner",
  "replicationGroup",
  "encryption",
  "versioning",
  "quotaGiB",
  "notifyAtGiB",
  "policy",
  "tags",
  "retentionSeconds",
  "accessDuringOutage",
  "cors",
  "allowNonDnsName",
  "forceDestroy",
  "adopt",
  "publicUrl",
  "s3Endpoint",
  "created",
  "encrypted",
  "objectLock",
  "systemEndpoint",
];
const S3_BUCKET = [
  "endpoint",
  "accessKeyId",
  "secretAccessKey",
  "region",
  "pathStyle",
  "bucketName",
  "storagePolicy",
  "versioning",
  "policy",
  "cors",
  "tags",
  "forceDestroy",
  "adopt",
  "systemEndpoint",
];
const S3_KEYS = { endpoint: "https://s3.example.test", accessKeyId: "k", secretAccessKey: "Canary-S3" };

interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  id: string | undefined;
  provider: string | undefined;
}

const NOTHING: Registered = { type: "", name: "", inputs: {}, id: undefined, provider: undefined };
let registered: Registered[] = [];

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id, provider }) => {
        registered.push({ type, name, inputs, id, provider });
        return { id: id || `${name}-id`, state: inputs };
      },
      call: () => ({}),
    },
    "project",
    "stack",
  );
});
afterAll(() => pulumi.runtime.disconnect());
beforeEach(() => {
  registered = [];
});

const settled = <T>(output: pulumi.Output<T>) =>
  new Promise<T>((resolve) => {
    output.apply(resolve);
  });
const own = (resource: object) =>
  Object.keys(resource).filter((key) => !key.startsWith("__") && key !== "id" && key !== "urn");
describe("classes", () => {
  test("every input and output is a property, and the handler knows the same inputs", async () => {
    const group = new CloudianGroup("g");
    const user = new CloudianUser("u", { groupId: "blue" });
    await Promise.all([settled(group.urn), settled(user.urn)]);
    expect(own(group).sort()).toEqual([...GROUP].sort());
    expect(own(user).sort()).toEqual([...USER].sort());
    expect(Object.keys(groupHandler.args.shape)).toEqual(GROUP.slice(0, 10));
    expect(Object.keys(userHandler.args.shape)).toEqual(USER.slice(0, 15));
  });

  test.each([
    {
      kind: "EcsObjectUser",
      make: () => new EcsObjectUser("Ada L", {}),
      properties: ECS_USER,
      inputs: 8,
      handler: objectUserHandler,
      // Of `printf … | sha256sum` of urn:pulumi:stack::project::pulumi-nodejs:dynamic/cloudstack-storage:EcsObjectUser::Ada L
      name: "ada-l-b7161776",
      sent: [],
    },
    {
      kind: "EcsBucket",
      make: () => new EcsBucket("Ada L", { owner: "ada" }),
      properties: ECS_BUCKET,
      inputs: 16,
      handler: ecsBucketHandler,
      name: "ada-l-142254f7",
      sent: ["owner"],
    },
    {
      kind: "S3Bucket",
      make: () => new S3Bucket("Ada L", S3_KEYS),
      properties: S3_BUCKET,
      inputs: 13,
      handler: s3BucketHandler,
      name: "ada-l-69786b5b",
      sent: ["accessKeyId", "endpoint", "secretAccessKey"],
    },
  ])(
    "every input and output of $kind is a property, the handler knows the same inputs, and holes are sent for nothing",
    async ({ kind, make, properties, inputs, handler, name, sent }) => {
      const resource = make();
      await settled(resource.urn);
      expect(own(resource).sort()).toEqual([...properties].sort());
      expect(Object.keys(handler.args.shape).sort()).toEqual(properties.slice(0, inputs).sort());
      expect(handler.kind).toBe(kind);
      const [{ type, inputs: registeredInputs } = NOTHING] = registered;
      expect(type).toBe(`pulumi-nodejs:dynamic/cloudstack-storage:${kind}`);
      expect(Object.keys(registeredInputs).sort()).toEqual(["__defaultName", "__provider", ...sent]);
      expect(registeredInputs["__defaultName"]).toBe(name);
      expect(registeredInputs["__provider"]).toContain(`.provider("${kind}",1)`);
    },
  );

  test.each([
    {
      kind: "EcsObjectUser",
      make: (options: pulumi.CustomResourceOptions) => new EcsObjectUser("u", {}, options),
      secrets: ["secretAccessKey"],
    },
    {
      kind: "EcsObjectUser, looked up",
      make: (options: pulumi.CustomResourceOptions) => EcsObjectUser.get("u", "ns1/ada", options),
      secrets: ["secretAccessKey"],
    },
    {
      kind: "EcsBucket",
      make: (options: pulumi.CustomResourceOptions) => new EcsBucket("b", { owner: "ada" }, options),
      secrets: [],
    },
    {
      kind: "S3Bucket",
      make: (options: pulumi.CustomResourceOptions) => new S3Bucket("b", S3_KEYS, options),
      secrets: ["secretAccessKey"],
    },
  ])("of $kind these are secret, beside those that the program names: $secrets", async ({ make, secrets }) => {
    const seen: string[][] = [];
    const transformation: pulumi.ResourceTransformation = ({ opts }) => {
      seen.push((opts as pulumi.CustomResourceOptions).additionalSecretOutputs ?? []);
      return undefined;
    };
    await settled(make({ additionalSecretOutputs: ["tags"], transformations: [transformation] }).urn);
    expect(seen).toEqual([[...secrets, "tags"]]);
  });

  test("an output of one resource may be an input of another, and secret keys are said to be secret", async () => {
    const keys = pulumi.secret("Canary-of-user");
    await settled(new S3Bucket("b", { ...S3_KEYS, secretAccessKey: keys, tags: { tier: pulumi.output("gold") } }).urn);
    expect(registered[0]?.inputs).toMatchObject({ tags: { tier: "gold" }, __secrets: ["secretAccessKey"] });
  });

  test(".get of the ECS kinds passes the id and the text", async () => {
    await settled(EcsObjectUser.get("u", "ns1/ada").id);
    await settled(EcsBucket.get("b", "ns1/box").id);
    expect(registered.map(({ id, inputs }) => ({ id, keys: Object.keys(inputs) }))).toEqual([
      { id: "ns1/ada", keys: ["__provider"] },
      { id: "ns1/box", keys: ["__provider"] },
    ]);
    expect(Object.keys(S3Bucket)).not.toContain("get");
  });

  test("type, text and derived name are sent, and holes for nothing", async () => {
    await settled(new CloudianGroup("Blue Team", { groupName: "n" }).urn);
    expect(registered).toHaveLength(1);
    const [{ type, inputs } = NOTHING] = registered;
    expect(type).toBe("pulumi-nodejs:dynamic/cloudstack-storage:CloudianGroup");
    expect(Object.keys(inputs).sort()).toEqual(["__defaultName", "__provider", "groupName"]);
    // Of `printf … | sha256sum` of urn:pulumi:stack::project::pulumi-nodejs:dynamic/cloudstack-storage:CloudianGroup::Blue Team
    expect(inputs["__defaultName"]).toBe("blue-team-75e42c9d");
    expect(inputs["__provider"]).toContain('.provider("CloudianGroup",1)');
  });

  test.each([
    {
      what: "declared",
      make: (options: pulumi.CustomResourceOptions) => new CloudianUser("u", { groupId: "blue" }, options),
    },
    { what: "looked up", make: (options: pulumi.CustomResourceOptions) => CloudianUser.get("u", "blue/ada", options) },
  ])(
    "a user that is $what keeps its secrets secret, inputs too, beside those that the program names",
    async ({ make }) => {
      const seen: string[][] = [];
      const transformation: pulumi.ResourceTransformation = ({ opts }) => {
        seen.push((opts as pulumi.CustomResourceOptions).additionalSecretOutputs ?? []);
        return undefined;
      };
      await settled(make({ additionalSecretOutputs: ["email"], transformations: [transformation] }).urn);
      expect(seen).toEqual([["password", "secretAccessKey", "email"]]);
    },
  );

  test("the names of what the program made secret are sent along, for the provider process gets plain values", async () => {
    const args = { groupName: pulumi.secret("Canary-Name"), active: true, limits: pulumi.secret({}) };
    await settled(new CloudianGroup("secretive", args).urn);
    expect(registered[0]?.inputs["__secrets"]).toEqual(["groupName", "limits"]);
  });

  test(".get passes the id, the text and no derived name", async () => {
    const user = CloudianUser.get("u", "blue/ada");
    expect(await settled(user.id)).toBe("blue/ada");
    await settled(CloudianGroup.get("g", "blue").id);
    expect(registered.map(({ id, inputs }) => ({ id, keys: Object.keys(inputs) }))).toEqual([
      { id: "blue/ada", keys: ["__provider"] },
      { id: "blue", keys: ["__provider"] },
    ]);
    expect(own(user).sort()).toEqual([...USER].sort());
  });
});

describe("Provider", () => {
  const inputsOf = async (args: ProviderArgs) => {
    const provider = new Provider("p", args);
    await settled(provider.urn);
    expect(registered[0]?.type).toBe("pulumi:providers:pulumi-nodejs");
    return registered[0]?.inputs;
  };

  test("its arguments are flat inputs of our namespace, texts, and it stands alone", async () => {
    expect(
      await inputsOf({
        cloudianEndpoint: "https://admin.example.com:19443",
        cloudianUsername: pulumi.output("sysadmin"),
        cloudianPasswordEnv: "BLUE_PASSWORD",
        cloudianInsecure: true,
        retryBudget: 0,
        requestTimeoutSeconds: 1.5,
      }),
    ).toEqual({
      "cloudstack-storage:cloudianEndpoint": "https://admin.example.com:19443",
      "cloudstack-storage:cloudianUsername": "sysadmin",
      "cloudstack-storage:cloudianPasswordEnv": "BLUE_PASSWORD",
      "cloudstack-storage:cloudianInsecure": "true",
      "cloudstack-storage:retryBudget": "0",
      "cloudstack-storage:requestTimeoutSeconds": "1.5",
      "cloudstack-storage:standalone": "true",
    });
  });

  test("the password is wrapped as a secret, and nothing else is", async () => {
    expect(await inputsOf({ cloudianUsername: "sysadmin", cloudianPassword: "Canary-1" })).toEqual({
      "cloudstack-storage:cloudianUsername": "sysadmin",
      "cloudstack-storage:cloudianPassword": {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        value: "Canary-1",
      },
      "cloudstack-storage:standalone": "true",
    });
  });

  test.each([
    ["null", null],
    ["an output of null", pulumi.output(null)],
    ["an output without a value", pulumi.output(undefined)],
  ])("an argument that is %s is none, a password as well", async (_name, absent) => {
    const nothing = { cloudianPassword: absent, cloudianPasswordEnv: absent, cloudianInsecure: absent };
    expect(await inputsOf({ cloudianUsername: "sysadmin", ...nothing } as unknown as ProviderArgs)).toEqual({
      "cloudstack-storage:cloudianUsername": "sysadmin",
      "cloudstack-storage:standalone": "true",
    });
  });

  test("every ECS and S3 argument is one of its inputs, and only the password is secret", async () => {
    const texts = {
      ecsEndpoint: "https://ecs.example.com:4443",
      ecsUsername: "pulumi",
      ecsPasswordEnv: "BLUE_ECS_PASSWORD",
      ecsNamespace: "ns1",
      ecsEndpointAliases: "https://old.example.com:4443",
      ecsCaFile: "/ecs.pem",
      ecsCaPem: "PEM",
      ecsS3Endpoint: "https://ecs.example.com:9021",
      ecsPublicS3Endpoint: "https://objects.example.com",
      ecsS3CaFile: "/ecs-s3.pem",
      ecsS3CaPem: "PEM",
      s3CaFile: "/s3.pem",
      s3CaPem: "PEM",
    };
    const flags = { ecsInsecure: false, ecsS3Insecure: true, s3Insecure: true };
    const inputs = await inputsOf({ ...texts, ...flags, ecsPassword: "Canary-2" });
    const named = (values: object) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`cloudstack-storage:${name}`, String(value)]));
    const { "cloudstack-storage:ecsPassword": password, ...rest } = inputs ?? {};
    expect(rest).toEqual(named({ ...texts, ...flags, standalone: true }));
    expect(password).toEqual({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: "Canary-2",
    });
  });

  test("an argument that it does not have is refused, and the others are named", () => {
    const misspelled = { cloudianEndpont: "x" } as unknown as ProviderArgs;
    expect(() => new Provider("p", misspelled)).toThrow(
      /Provider has no argument "cloudianEndpont"; it has .*cloudianEndpoint, .*cloudianPasswordEnv/,
    );
  });
});
