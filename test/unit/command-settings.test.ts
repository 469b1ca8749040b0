import { expect, test } from "vitest";
import { Settings } from "../../provider/core/settings.ts";

const settings = (config: Record<string, string>, environment: Record<string, string> = {}) =>
  new Settings({ get: (key) => config[key] }, environment);

const namespaced = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`cloudstack-storage:${key}`, value]));

const transport = { requestTimeoutSeconds: 30, operationTimeoutSeconds: 300, maxConnections: 16, retryBudget: 500 };

test("Cloudian's sides: each by its own setting, with the TLS settings that concern it", () => {
  expect(settings({}).cloudianSides()).toEqual({});
  const config = namespaced({
    cloudianS3Endpoint: "https://S3.example.com",
    cloudianCmcEndpoint: "https://cmc.example.com:8443/Cloudian/",
    cloudianSsoKeyEnv: "THE_KEY",
    cloudianCaFile: "/etc/ssl/a.pem",
    s3Insecure: "true",
  });
  expect(settings(config, { THE_KEY: "Canary-sso" }).cloudianSides()).toEqual({
    s3: { endpoint: "https://s3.example.com:443", tls: { insecure: true }, transport },
    cmc: {
      endpoint: "https://cmc.example.com:8443/Cloudian",
      tls: { caFile: "/etc/ssl/a.pem", insecure: false },
      transport,
    },
    ssoKey: "Canary-sso",
  });
});

test("what is malformed is an error without the value", () => {
  expect(() => settings({}, { CLOUDIAN_CMC_ENDPOINT: "user:Canary-2@cmc" }).cloudianSides()).toThrow(
    /\n {2}- cloudianCmcEndpoint: must be an http or https URL without user, query or fragment\.$/,
  );
});

test("a setting is given, wherever it stands and whatever it holds", () => {
  expect(settings({}).isGiven("cloudianPassword")).toBe(false);
  expect(settings({}, { CLOUDIAN_PASSWORD: "" }).isGiven("cloudianPassword")).toBe(false);
  expect(settings({}, { CLOUDIAN_PASSWORD: "x" }).isGiven("cloudianPassword")).toBe(true);
  expect(settings(namespaced({ cloudianEndpoint: "nonsense" })).isGiven("cloudianEndpoint")).toBe(true);
  expect(settings(namespaced({ cloudianPasswordEnv: "NOT_SET" })).isGiven("cloudianPassword")).toBe(true);
});
