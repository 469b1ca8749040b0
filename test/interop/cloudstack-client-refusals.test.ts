import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { surroundings } from "../harness/interop/surroundings.ts";
import type { CsOptions } from "./clients/cs.ts";
import { CsStage, pairsOf, s3Details } from "./clients/cs-stage.ts";

const { cs } = surroundings();
let stage: CsStage;

if (cs) {
  describe(cs.name, () => {
    beforeAll(async () => {
      stage = await CsStage.open(cs);
    });
    beforeEach(() => stage.control.reset());
    afterAll(() => stage.close());

    describe("refusals", refusalSuite);
  });
}

/** A list, and changes to a store and to a setting. */
const commands = (id: string): [string, object][] => [
  ["listImageStores", {}],
  ["addImageStore", { provider: "S3", name: "second", details: pairsOf(s3Details) }],
  ["updateImageStore", { id, readonly: true }],
  ["updateConfiguration", { name: "s3.rrs.enabled", value: "true" }],
  ["deleteImageStore", { id }],
];

/** `done`, or the status of the refusal, of each command. */
async function outcomes(id: string, client: Partial<CsOptions>): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [command, args] of commands(id)) {
    found[command] = await stage.ask(command, args, client).then(
      () => "done",
      ({ status }) => status,
    );
  }
  return found;
}

const everyChange = (outcome: unknown) => ({
  addImageStore: outcome,
  updateImageStore: outcome,
  updateConfiguration: outcome,
  deleteImageStore: outcome,
});

function refusalSuite(): void {
  test.each([
    ["a wrong secret key", { secret: "wrong" }],
    ["a wrong API key", { key: "wrong" }],
    ["an expiry in the past", { expiration: 0 }],
  ])("with %s nothing is answered and nothing changed", async (_what, client) => {
    const id = await stage.addS3Store("first", s3Details);
    const before = await stage.control.state();
    for (const method of ["get", "post"] as const) {
      const found = await outcomes(id, { method, ...client });
      expect(found).toEqual({ listImageStores: 401, ...everyChange(401) });
    }
    expect(await stage.control.state()).toEqual(before);
  });

  test("a server that insists on POST and on an expiry takes no other change", async () => {
    await stage.control.patch("cloudstack", { options: { enforcePostAndTimestamps: true } });
    const id = await stage.addS3Store("first", s3Details);
    const before = await stage.control.state();
    expect(await outcomes(id, { method: "get" })).toEqual({ listImageStores: "done", ...everyChange(400) });
    expect(await outcomes(id, { expiration: -1 })).toEqual({ listImageStores: 401, ...everyChange(401) });
    expect(await outcomes(id, { expiration: 16 * 60 })).toEqual({ listImageStores: 401, ...everyChange(401) });
    expect(await stage.control.state()).toEqual(before);
    expect(await outcomes(id, {})).toEqual({ listImageStores: "done", ...everyChange("done") });
    const { imageStores } = (await stage.control.state()).cloudstack;
    const left = Object.values(imageStores).filter(({ removed }) => !removed);
    expect(left.map(({ name }) => name)).toEqual(["second"]);
  });
}
