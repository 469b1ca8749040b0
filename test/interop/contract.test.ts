import { afterAll, describe, expect, test } from "vitest";
import { surroundings } from "../harness/interop/surroundings.ts";
import { contract } from "./contract/index.ts";
import { Scene } from "./contract/scene.ts";

for (const server of surroundings().servers) {
  describe(server.name, () => {
    const scene = new Scene(server);
    afterAll(() => scene.close());

    describe("S3 contract", () => {
      for (const { name, run, expected, differs } of contract) {
        test(name, async () => {
          expect(await run(scene)).toEqual(differs?.[server.id]?.answer ?? expected);
        });
      }
    });
  });
}
