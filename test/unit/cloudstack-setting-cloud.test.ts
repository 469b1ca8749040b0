import { expect, test } from "vitest";
import { settingHandler } from "../../provider/cloudstack/global-setting.handler.ts";
import { stagingStoreHandler } from "../../provider/cloudstack/staging-store.handler.ts";
import { Settings } from "../../provider/core/settings.ts";

const CONFIG: Record<string, string> = {
  "cloudstack-storage:cloudstackEndpoint": "https://Cloud.example.test/client/api/",
  "cloudstack-storage:cloudstackEndpointAliases": "https://old.example.test/client/api",
  "cloudstack-storage:cloudstackApiKey": "key",
  "cloudstack-storage:cloudstackSecretKey": "Canary-secret-key",
};

test("settings and staging stores of one cloud share its connection, whose address and aliases the settings give", () => {
  const settings = new Settings({ get: (key) => CONFIG[key] }, {});
  const ofSettings = settingHandler.connect(settings, {});
  const ofStores = stagingStoreHandler.connect(settings, {});
  expect(ofSettings.cloud).toBe(ofStores);
  for (const client of [ofSettings, ofStores])
    expect(client).toMatchObject({
      endpoint: "https://cloud.example.test:443/client/api",
      aliases: ["https://old.example.test:443/client/api"],
      settingPrefix: "cloudstack",
    });
});
