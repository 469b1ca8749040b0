import { describe, expect, test } from "vitest";
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
    ["retryBudget", "2.5", "must be a whole number"],
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
