import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { providerText, typeOf } from "../../provider/core/provider-text.ts";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, GROUP_TEXT, Stage, USER_TEXT } from "./support.ts";

const MISSING =
  "pulumi-cloudstack-storage is not installed in this folder: run npm ci, or npm install pulumi-cloudstack-storage";

test("the text of each kind and its type token are these bytes for ever", () => {
  expect(providerText("CloudianGroup")).toBe(GROUP_TEXT);
  expect(providerText("CloudianUser")).toBe(USER_TEXT);
  expect([GROUP_TEXT.length, USER_TEXT.length]).toEqual([298, 297]);
  expect(typeOf("CloudianGroup")).toBe("pulumi-nodejs:dynamic/cloudstack-storage:CloudianGroup");
  expect(typeOf("CloudianUser")).toBe("pulumi-nodejs:dynamic/cloudstack-storage:CloudianUser");
});

describe.each(SDKS)("the text in the $sdk SDK's server", ({ sdk }) => {
  const folders: string[] = [];
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), "cloudstack-storage-text-"));
    folders.push(made);
    return made;
  };

  afterAll(() => {
    for (const made of folders) rmSync(made, { recursive: true, force: true });
  });

  test("says in one sentence what to install where the package is missing", async () => {
    const server = await startDynamicServer({ sdk, cwd: folder() });
    for (const text of [GROUP_TEXT, USER_TEXT]) {
      expect((await failureOf(server.check({}, { __provider: text }))).message).toBe(MISSING);
      expect((await failureOf(server.create({ __provider: text }))).message).toBe(MISSING);
      expect((await failureOf(server.read("blue", { __provider: text }))).message).toBe(MISSING);
      expect((await failureOf(server.delete("blue", { __provider: text }))).message).toBe(MISSING);
    }
    await server.close();
    expect(server.stderr.trimEnd().split("\n")).toHaveLength(6);
  });

  test("passes another failure of the installed package on as it is", async () => {
    const cwd = folder();
    const installed = join(cwd, "node_modules", "pulumi-cloudstack-storage");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "dynamic.js"), 'require("a-dependency-that-is-missing")');
    const server = await startDynamicServer({ sdk, cwd });
    const { message } = await failureOf(server.create({ __provider: GROUP_TEXT }));
    expect(message).toContain("Cannot find module 'a-dependency-that-is-missing'");
    await server.close();
  });
});

describe.each(SDKS)("provider() in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
    server = await stage.serve();
  });
  afterAll(() => stage.close());

  test.each([
    {
      what: "an unknown kind",
      text: GROUP_TEXT.replace("CloudianGroup", "CloudianPlanet"),
      kind: "CloudianPlanet",
      abi: 1,
    },
    {
      what: "a kind named like a member of Object",
      text: GROUP_TEXT.replace("CloudianGroup", "constructor"),
      kind: "constructor",
      abi: 1,
    },
    { what: "a newer convention", text: GROUP_TEXT.replace(",1)", ",2)"), kind: "CloudianGroup", abi: 2 },
  ])("refuses $what and names the way out", async ({ text, kind, abi }) => {
    const { message, code } = await failureOf(server.create({ __provider: text, groupId: "blue" }));
    expect(message).toBe(
      `The installed pulumi-cloudstack-storage does not know the kind ${kind} (convention ${abi}): the state was written by a newer release. Install that release or a later one.`,
    );
    expect(code).toBe(2);
  });
});
