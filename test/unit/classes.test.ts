import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { groupHandler } from "../../provider/cloudian/group.handler.ts";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { CloudianGroup, CloudianUser, Provider, type ProviderArgs } from "../../provider/index.ts";

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

  test("an argument that it does not have is refused, and the others are named", () => {
    const misspelled = { cloudianEndpont: "x" } as unknown as ProviderArgs;
    expect(() => new Provider("p", misspelled)).toThrow(
      /Provider has no argument "cloudianEndpont"; it has .*cloudianEndpoint, .*cloudianPasswordEnv/,
    );
  });
});
