import { describe, expect, test } from "vitest";
import { redact } from "../../provider/core/redact.ts";
import { endpointNamed } from "../../provider/core/setting-keys.ts";
import { Settings } from "../../provider/core/settings.ts";

const FULL = {
  "cloudstack-storage:cloudianEndpoint": "https://Admin.example.com:19443/",
  "cloudstack-storage:cloudianUsername": "sysadmin",
  "cloudstack-storage:cloudianPassword": "Canary-1",
};

const settings = (config: Record<string, string>, environment: Record<string, string> = {}) =>
  new Settings({ get: (key) => config[key] }, environment);

const complaintsOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message.split("\n").slice(1) : [];
  }
  return [];
};

describe("Cloudian settings", () => {
  test("what is not given has these defaults", () => {
    expect(settings(FULL).cloudian()).toEqual({
      endpoint: "https://admin.example.com:19443",
      username: "sysadmin",
      password: "Canary-1",
      aliases: [],
      tls: { insecure: false },
      transport: { requestTimeoutSeconds: 30, operationTimeoutSeconds: 300, maxConnections: 16, retryBudget: 500 },
    });
  });

  test("every one of them can come from the environment", () => {
    const environment = {
      CLOUDIAN_ENDPOINT: "http://admin.example.com:18081",
      CLOUDIAN_USERNAME: "u",
      CLOUDIAN_PASSWORD: "p",
      CLOUDIAN_ENDPOINT_ALIASES: "http://a.example, , https://b.example/",
      CLOUDIAN_CA_FILE: "/ca.pem",
      CLOUDIAN_CA_PEM: "PEM",
      CLOUDIAN_INSECURE: "true",
      CLOUDSTACK_STORAGE_REQUEST_TIMEOUT_SECONDS: "1.5",
      CLOUDSTACK_STORAGE_OPERATION_TIMEOUT_SECONDS: "2",
      CLOUDSTACK_STORAGE_MAX_CONNECTIONS: "3",
      CLOUDSTACK_STORAGE_RETRY_BUDGET: "0",
    };
    expect(settings({}, environment).cloudian()).toEqual({
      endpoint: "http://admin.example.com:18081",
      username: "u",
      password: "p",
      aliases: ["http://a.example:80", "https://b.example:443"],
      tls: { caFile: "/ca.pem", caPem: "PEM", insecure: true },
      transport: { requestTimeoutSeconds: 1.5, operationTimeoutSeconds: 2, maxConnections: 3, retryBudget: 0 },
    });
  });

  test("an empty value is none", () => {
    expect(
      settings({ ...FULL, "cloudstack-storage:cloudianUsername": "" }, { CLOUDIAN_USERNAME: "u" }).cloudian(),
    ).toMatchObject({ username: "u" });
    expect(complaintsOf(() => settings(FULL, { CLOUDIAN_CA_FILE: "" }).cloudian())).toEqual([]);
  });

  test.each([
    ["cloudianInsecure", "yes", 'must be "true" or "false"'],
    ["requestTimeoutSeconds", "-1", "must be above 0"],
    ["requestTimeoutSeconds", "0", "must be above 0"],
    ["requestTimeoutSeconds", "ten", "must be a number"],
    ["maxConnections", "0", "must be at least 1"],
    ["maxConnections", "many", "must be a number"],
    ["retryBudget", "2.5", "must be a whole number"],
    ["retryBudget", "-1", "must not be below 0"],
    [
      "cloudianEndpointAliases",
      "https://fine.example,nonsense",
      "must be an http or https URL without user, query or fragment",
    ],
  ])("%s: %s %s", (name, value, complaint) => {
    const given = settings({ ...FULL, [`cloudstack-storage:${name}`]: value });
    expect(complaintsOf(() => given.cloudian())).toEqual([`  - ${name}: ${complaint}.`]);
  });

  test("an environment variable that an explicit provider does not name is not read, whatever it holds", () => {
    const given = settings(
      { ...FULL, "cloudstack-storage:standalone": "true" },
      { CLOUDIAN_INSECURE: "true", CLOUDSTACK_STORAGE_RETRY_BUDGET: "nonsense" },
    );
    expect(given.cloudian()).toMatchObject({ tls: { insecure: false }, transport: { retryBudget: 500 } });
  });

  test("they are parsed once, however often somebody asks", () => {
    const asked: string[] = [];
    const get = (key: string) => {
      asked.push(key);
      return Object.entries(FULL).find(([name]) => name === key)?.[1];
    };
    const given = new Settings({ get }, {});
    const first = given.cloudian();
    const before = asked.length;
    expect(given.cloudian()).toBe(first);
    expect(asked).toHaveLength(before);
  });

  test("nothing is read before somebody asks", () => {
    const source = {
      asked: 0,
      get(key: string): string | undefined {
        if (key !== "cloudstack-storage:standalone") this.asked += 1;
        return undefined;
      },
    };
    expect(new Settings(source, {})).toBeInstanceOf(Settings);
    expect(source.asked).toBe(0);
  });
});

const TRANSPORT = { requestTimeoutSeconds: 30, operationTimeoutSeconds: 300, maxConnections: 16, retryBudget: 500 };
const ECS = {
  "cloudstack-storage:ecsEndpoint": "https://ECS.example.com:4443/",
  "cloudstack-storage:ecsUsername": "pulumi",
  "cloudstack-storage:ecsPassword": "Canary-2",
};

describe("ECS settings", () => {
  test("what is not given has these defaults, and S3 has no endpoint", () => {
    expect(settings(ECS).ecs()).toStrictEqual({
      endpoint: "https://ecs.example.com:4443",
      username: "pulumi",
      password: "Canary-2",
      aliases: [],
      tls: { insecure: false },
      transport: TRANSPORT,
      s3: { tls: { insecure: false } },
    });
  });

  test("every one of them can come from the environment, management and S3 apart", () => {
    const environment = {
      ECS_ENDPOINT: "https://ecs.example.com",
      ECS_USERNAME: "u",
      ECS_PASSWORD: "p",
      ECS_ENDPOINT_ALIASES: "https://old.example.com:4443",
      ECS_CA_FILE: "/ca.pem",
      ECS_CA_PEM: "PEM",
      ECS_INSECURE: "true",
      ECS_NAMESPACE: "ns1",
      ECS_S3_ENDPOINT: "http://ecs.example.com:9020",
      ECS_PUBLIC_S3_ENDPOINT: "https://objects.example.com",
      ECS_S3_CA_FILE: "/s3-ca.pem",
      ECS_S3_CA_PEM: "S3-PEM",
      ECS_S3_INSECURE: "false",
    };
    const given = settings({}, environment);
    expect(given.ecs()).toEqual({
      endpoint: "https://ecs.example.com:443",
      username: "u",
      password: "p",
      aliases: ["https://old.example.com:4443"],
      tls: { caFile: "/ca.pem", caPem: "PEM", insecure: true },
      transport: TRANSPORT,
      s3: {
        endpoint: "http://ecs.example.com:9020",
        publicEndpoint: "https://objects.example.com:443",
        tls: { caFile: "/s3-ca.pem", caPem: "S3-PEM", insecure: false },
      },
    });
    expect(given.ecsNamespace()).toBe("ns1");
  });

  test("the endpoint that is shown is the one that is used, unless another is given", () => {
    const used = { ...ECS, "cloudstack-storage:ecsS3Endpoint": "https://s3.example.com:9021/" };
    expect(settings(used).ecs().s3).toMatchObject({
      endpoint: "https://s3.example.com:9021",
      publicEndpoint: "https://s3.example.com:9021",
    });
    const shown = { ...ECS, "cloudstack-storage:ecsPublicS3Endpoint": "https://objects.example.com" };
    expect(settings(shown).ecs().s3).toEqual({
      publicEndpoint: "https://objects.example.com:443",
      tls: { insecure: false },
    });
  });

  test("stack configuration goes before the environment", () => {
    const environment = { ECS_ENDPOINT: "https://other.example.com", ECS_PASSWORD: "other", ECS_NAMESPACE: "other" };
    const given = settings({ ...ECS, "cloudstack-storage:ecsNamespace": "mine" }, environment);
    expect(given.ecs()).toMatchObject({ endpoint: "https://ecs.example.com:4443", password: "Canary-2" });
    expect(given.ecsNamespace()).toBe("mine");
  });

  test("the namespace is asked for without any credentials, and may be missing", () => {
    expect(settings({}).ecsNamespace()).toBeUndefined();
    expect(settings({}, { ECS_NAMESPACE: "" }).ecsNamespace()).toBeUndefined();
    expect(settings({ "cloudstack-storage:ecsNamespace": "ns1" }).ecsNamespace()).toBe("ns1");
  });

  test("a password by the name of its variable is read from there, also where the provider stands alone", () => {
    const { "cloudstack-storage:ecsPassword": _password, ...rest } = ECS;
    const byName = { ...rest, "cloudstack-storage:ecsPasswordEnv": "BLUE_ECS_PASSWORD" };
    const environment = { BLUE_ECS_PASSWORD: "Canary-3", ECS_PASSWORD: "other" };
    expect(settings(byName, environment).ecs().password).toBe("Canary-3");
    const alone = { ...byName, "cloudstack-storage:standalone": "true" };
    expect(settings(alone, environment).ecs().password).toBe("Canary-3");
    expect(complaintsOf(() => settings(byName).ecs())).toEqual([
      "  - ecsPasswordEnv names the environment variable BLUE_ECS_PASSWORD, which is not set.",
    ]);
    const both = { ...ECS, "cloudstack-storage:ecsPasswordEnv": "BLUE_ECS_PASSWORD" };
    expect(complaintsOf(() => settings(both, environment).ecs())).toEqual([
      "  - ecsPassword and ecsPasswordEnv are both given; give one.",
    ]);
  });

  test("a provider that stands alone reads nothing else, neither namespace nor S3 endpoint", () => {
    const environment = { ECS_NAMESPACE: "leak", ECS_S3_ENDPOINT: "https://leak.example", ECS_S3_INSECURE: "true" };
    const given = settings({ ...ECS, "cloudstack-storage:standalone": "true" }, environment);
    expect(given.ecsNamespace()).toBeUndefined();
    expect(given.ecs().s3).toEqual({ tls: { insecure: false } });
  });

  test("what is missing is said together, each with the ways to give it", () => {
    expect(complaintsOf(() => settings({}).ecs())).toEqual([
      "  - ecsEndpoint is missing (such as https://ecs.example.com:4443). Give it with `pulumi config set cloudstack-storage:ecsEndpoint`, in the environment as ECS_ENDPOINT, or as the argument ecsEndpoint of an explicit Provider.",
      "  - ecsUsername is missing (such as pulumi). Give it with `pulumi config set cloudstack-storage:ecsUsername`, in the environment as ECS_USERNAME, or as the argument ecsUsername of an explicit Provider.",
      "  - ecsPassword is missing (such as …). Give it with `pulumi config set --secret cloudstack-storage:ecsPassword`, in the environment as ECS_PASSWORD, or as the argument ecsPassword, or by name as ecsPasswordEnv, of an explicit Provider.",
    ]);
    expect(complaintsOf(() => settings({ "cloudstack-storage:standalone": "true" }).ecs())[1]).toBe(
      "  - ecsUsername is missing (such as pulumi). Give it as the argument ecsUsername of the explicit Provider; no other source is read beside it.",
    );
  });

  test.each([
    ["ecsS3Endpoint", "ecs.example.com:9021", "must be an http or https URL without user, query or fragment"],
    [
      "ecsPublicS3Endpoint",
      "https://u:p@ecs.example.com",
      "must be an http or https URL without user, query or fragment",
    ],
    ["ecsEndpointAliases", "nonsense", "must be an http or https URL without user, query or fragment"],
    ["ecsS3Insecure", "1", 'must be "true" or "false"'],
  ])("%s: %s %s", (name, value, complaint) => {
    const given = settings({ ...ECS, [`cloudstack-storage:${name}`]: value });
    const complaints = complaintsOf(() => given.ecs());
    expect(complaints).toEqual([`  - ${name}: ${complaint}.`]);
    expect(complaints.join()).not.toContain(value === "1" ? "u:p" : value);
  });

  test("Cloudian's settings do not matter to ECS, nor the other way round", () => {
    expect(settings({ ...ECS, "cloudstack-storage:cloudianInsecure": "nonsense" }).ecs()).toMatchObject({
      username: "pulumi",
    });
    expect(settings({ ...FULL, "cloudstack-storage:ecsInsecure": "nonsense" }).cloudian()).toMatchObject({
      username: "sysadmin",
    });
  });
});

describe("settings of any S3 service", () => {
  test("need nothing, and take TLS from their own settings", () => {
    expect(settings({}).s3()).toEqual({ tls: { insecure: false }, transport: TRANSPORT });
    const environment = { S3_CA_FILE: "/s3.pem", S3_INSECURE: "true", ECS_S3_CA_FILE: "/other.pem" };
    expect(settings({ "cloudstack-storage:s3CaPem": "PEM" }, environment).s3().tls).toEqual({
      caFile: "/s3.pem",
      caPem: "PEM",
      insecure: true,
    });
  });
});

describe("CloudStack settings", () => {
  const GIVEN = {
    "cloudstack-storage:cloudstackEndpoint": "https://Cloud.example.com/client/api/",
    "cloudstack-storage:cloudstackApiKey": "k",
    "cloudstack-storage:cloudstackSecretKey": "Canary-cloud-1",
  };

  test("what is not given has these defaults", () => {
    expect(settings(GIVEN).cloudstack()).toEqual({
      endpoint: "https://cloud.example.com:443/client/api",
      apiKey: "k",
      secretKey: "Canary-cloud-1",
      aliases: [],
      tls: { insecure: false },
      transport: { requestTimeoutSeconds: 30, operationTimeoutSeconds: 300, maxConnections: 16, retryBudget: 500 },
    });
    expect(redact("it said Canary-cloud-1")).toBe("it said [secret]");
  });

  test("every one of them can come from the environment", () => {
    const environment = {
      CLOUDSTACK_API_URL: "http://cloud.example.com:8080/client/api",
      CLOUDSTACK_API_KEY: "key",
      CLOUDSTACK_SECRET_KEY: "Canary-cloud-2",
      CLOUDSTACK_ENDPOINT_ALIASES: "http://old.example.com/client/api",
      CLOUDSTACK_CA_FILE: "/ca.pem",
      CLOUDSTACK_INSECURE: "true",
    };
    expect(settings({}, environment).cloudstack()).toMatchObject({
      endpoint: "http://cloud.example.com:8080/client/api",
      apiKey: "key",
      secretKey: "Canary-cloud-2",
      aliases: ["http://old.example.com:80/client/api"],
      tls: { caFile: "/ca.pem", insecure: true },
    });
  });

  test("the address of the web console is none of the API", () => {
    const given = settings({ ...GIVEN, "cloudstack-storage:cloudstackEndpoint": "https://cloud.example.com/" });
    expect(complaintsOf(() => given.cloudstack())).toEqual([
      "  - cloudstackEndpoint: must be the address of the API, with its path: …/client/api.",
    ]);
  });
});

describe("settings of single sign-on", () => {
  test("are the console and the key, which no message shows", () => {
    const given = {
      "cloudstack-storage:cloudianCmcEndpoint": "https://cmc.example.com:8443",
      "cloudstack-storage:cloudianSsoKey": "Canary-sso-1",
    };
    expect(settings(given).cloudianSso()).toEqual({
      endpoint: "https://cmc.example.com:8443",
      ssoKey: "Canary-sso-1",
    });
    expect(redact("it said Canary-sso-1")).toBe("it said [secret]");
  });

  test("are a command's: no resource and no provider takes them", () => {
    expect(complaintsOf(() => settings({}).cloudianSso())).toEqual([
      "  - cloudianCmcEndpoint is missing (such as https://cmc.example.com:8443). Give it with `pulumi config set cloudstack-storage:cloudianCmcEndpoint`, or in the environment as CLOUDIAN_CMC_ENDPOINT.",
      expect.stringMatching(
        /^ {2}- cloudianSsoKey is missing .* Give it with `pulumi config set --secret cloudstack-storage:cloudianSsoKey`, or in the environment as CLOUDIAN_SSO_KEY\.$/,
      ),
    ]);
  });
});

describe("leave to adopt, for one run", () => {
  const adopts = (value: string | undefined) =>
    settings({}, value === undefined ? {} : { CLOUDSTACK_STORAGE_ADOPT: value }).adoptsIdentical();

  test.each([
    [undefined, false],
    ["", false],
    ["identical", true],
  ])("%j is %s", (value, expected) => {
    expect(adopts(value)).toBe(expected);
  });

  test("is nothing else", () => {
    expect(() => adopts("all")).toThrow(
      'CLOUDSTACK_STORAGE_ADOPT can only be "identical"; unset it to take over nothing.',
    );
  });
});

test.each<[system: string, name: string, value: string, ask: (given: Settings) => unknown]>([
  ["Cloudian", "retryBudget", "-1", (given) => given.cloudian()],
  ["Cloudian single sign-on", "cloudianCmcEndpoint", "nonsense", (given) => given.cloudianSso()],
  ["Cloudian S3 and console", "cloudianCmcEndpoint", "nonsense", (given) => given.cloudianSides()],
  ["ECS", "retryBudget", "-1", (given) => given.ecs()],
  ["CloudStack", "retryBudget", "-1", (given) => given.cloudstack()],
  ["S3", "retryBudget", "-1", (given) => given.s3()],
  ["provider", "retryBudget", "-1", (given) => given.transport()],
])("what is wrong with the %s settings is said of them", (system, name, value, ask) => {
  expect(() => ask(settings({ [`cloudstack-storage:${name}`]: value }))).toThrow(
    `The ${system} settings are not complete (refresh and destroy see a change of configuration only with --run-program):\n`,
  );
});

test("a password that was read is in no message", () => {
  settings({ ...ECS, "cloudstack-storage:ecsPassword": "Canary-ecs-password" }).ecs();
  expect(redact("it said Canary-ecs-password")).toBe("it said [secret]");
});

test("settings without a secret hide no word of any message", () => {
  settings({}).s3();
  settings({}).transport();
  expect(redact("undefined")).toBe("undefined");
});

test.each([
  ["cloudian", "cloudianEndpoint"],
  ["ecsS3", "ecsS3Endpoint"],
  ["s3", "endpoint"],
])("what names the endpoint of %s is %s: a setting, or the property of the resource", (prefix, expected) => {
  expect(endpointNamed(prefix)).toBe(expected);
});

test("whether a setting is there can be asked, whatever its value is", () => {
  const given = settings({ "cloudstack-storage:cloudianPasswordEnv": "NOWHERE" }, { CLOUDIAN_ENDPOINT: "no address" });
  expect(given.isGiven("cloudianPassword")).toBe(true);
  expect(given.isGiven("cloudianEndpoint")).toBe(true);
  expect(given.isGiven("cloudianUsername")).toBe(false);
});
