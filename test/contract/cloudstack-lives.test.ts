import { expect, test } from "vitest";
import { SDKS } from "../harness/sdks.ts";
import { CloudStackStage, KEY, pool, setting, staging, store } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { secret } from "./support.ts";

const CHANGED = { changes: "UNKNOWN", replaces: [], deleteBeforeReplace: false };

test.each(SDKS)("whole lives of the CloudStack kinds in the $sdk SDK's server", async ({ sdk }) => {
  const stage = await CloudStackStage.open(sdk);
  try {
    await stage.seedStaging();
    const [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    const { storeName: _derived, ...unnamed } = store("", { __defaultName: "main-01234567", readOnly: false });
    const checked = await server.check({}, unnamed);
    const name = String(checked.inputs["storeName"]);
    expect(name).toMatch(/^main-01234567-[0-9a-f]{8}$/);
    const pools = pool("objects");
    for (const [written, canonical, news] of [
      [
        unnamed,
        store(name, { readOnly: false, secretAccessKey: secret(KEY.secretAccessKey), __derived: true }),
        { readOnly: true },
      ],
      [staging("/export/a/"), staging("/export/a"), { adopt: true }],
      [setting("max.ssvm.count", { value: 7 }), setting("max.ssvm.count", { value: "7" }), { value: "8" }],
      [pools, { ...pools, s3: secret(pools["s3"]) }, { url: "https://next.example.test:9000" }],
    ] as const) {
      const { inputs, failures } = await (await stage.serve()).check({}, written);
      expect({ inputs, failures }).toEqual({ inputs: canonical, failures: [] });
      const made = await server.create(plain(canonical));
      expect(made.id).not.toBe("");
      expect(made.properties).toMatchObject({ ...canonical, systemEndpoint: stage.endpoint });
      const outs = plain(made.properties);
      expect((await server.read(made.id, outs)).inputs).toEqual(canonical);
      const wanted = { ...plain(canonical), ...news };
      expect(await server.diff(made.id, outs, wanted)).toEqual(CHANGED);
      const updated = await server.update(made.id, outs, wanted);
      expect(updated).toMatchObject(news);
      expect((await server.read(made.id, plain(updated))).inputs).toEqual({ ...canonical, ...news });
      await destroying.delete(made.id, plain(updated));
    }
    const { imageStores, objectPools } = await stage.cloud();
    expect(Object.values(imageStores).filter(({ removed }) => !removed)).toHaveLength(1);
    expect(objectPools).toEqual({});
    expect(await stage.liveValue("max.ssvm.count")).toBe("5");
  } finally {
    await stage.close();
  }
});

test.each(SDKS)("over TLS, with the lab's own authority, in the $sdk SDK's server", async ({ sdk }) => {
  const stage = await CloudStackStage.open(sdk, { tls: true });
  try {
    const server = await stage.serve();
    expect(stage.endpoint).toMatch(/^https:/);
    const { id, properties } = await server.create(staging("/export/a"));
    expect((await server.read(id, properties)).id).toBe(id);
    const untrusting = await stage.serve({ cloudstackCaPem: "" });
    const { message } = await stage.refusalOf(() => untrusting.read(id, properties));
    expect(message).toContain("TLS to ");
    expect(message).toContain("cloudstackCaFile");
  } finally {
    await stage.close();
  }
});
