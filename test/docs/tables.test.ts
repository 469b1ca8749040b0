import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { initialOptions } from "../../lab/cloudian-options.ts";
import { initialOptions as initialCloudStackOptions } from "../../lab/cloudstack-options.ts";
import { initialOptions as initialEcsOptions } from "../../lab/ecs-options.ts";
import { providerText } from "../../provider/core/provider-text.ts";
import { commandSettingKeys, type SettingKey, settingKeys } from "../../provider/core/setting-keys.ts";
import * as index from "../../provider/index.ts";
import { readSurface } from "../harness/surface.ts";
import { tableOf, textOf } from "./markdown.ts";

const settings: [string, SettingKey][] = Object.entries(settingKeys);

test.each(["README.md", "docs/settings.md"])("%s: the table of settings is the one in the code", (file) => {
  const rows = tableOf(file, "setting").map(([name = "", environment = ""]) => [name, environment]);
  expect(rows).toEqual(
    settings.map(([name, key]) => [`\`${name}\`${key.secret ? " (secret)" : ""}`, `\`${key.environment}\``]),
  );
});

test("docs/settings.md: the table of what only commands read is the one in the code", () => {
  const rows = tableOf("docs/settings.md", "command setting").map(([name, environment]) => [name, environment]);
  expect(rows).toEqual([
    ["`cloudianS3Endpoint`", "`CLOUDIAN_S3_ENDPOINT`"],
    ["`cloudianCmcEndpoint`", "`CLOUDIAN_CMC_ENDPOINT`"],
    ["`cloudianSsoKey` (secret)", "`CLOUDIAN_SSO_KEY`"],
  ]);
  expect(Object.keys(commandSettingKeys)).toHaveLength(rows.length);
});

test("the tables name the defaults of the doc comments", () => {
  const provider = readSurface().kinds.find(({ name }) => name === "Provider");
  const documented = (provider?.inputs ?? []).filter(({ initial }) => /^(?:\d+|true|false)$/.test(initial ?? ""));
  const inReadme = tableOf("README.md", "setting").map(([name, , initial]) => [name, initial]);
  expect(inReadme.filter(([, initial]) => /^`(?:\d+|true|false)`$/.test(initial ?? ""))).toEqual(
    documented.map(({ name, initial }) => [`\`${name}\``, `\`${initial}\``]),
  );
  const meanings = new Map(tableOf("docs/settings.md", "setting").map(([name, , meaning]) => [name, meaning]));
  for (const { name, initial } of documented.filter((field) => field.type === "number"))
    expect(meanings.get(`\`${name}\``)).toMatch(new RegExp(` ${initial}\\.`));
});

test.each([
  ["option", initialOptions()],
  ["ECS option", initialEcsOptions()],
  ["CloudStack option", initialCloudStackOptions()],
])("docs/lab.md: the table of %ss has each with its initial value", (header, options) => {
  const rows = tableOf("docs/lab.md", header).flatMap(([names = "", initial = ""]) => {
    const values = unquoted(initial).split(", ");
    return unquoted(names)
      .split(", ")
      .map((name, index) => [name, values[index]]);
  });
  expect(rows).toEqual(Object.entries(options).map(([name, initial]) => [name, String(initial)]));
});

test("the constant text is about as long as the pages say", () => {
  expect(["CloudianGroup", "CloudianUser"].map((kind) => providerText(kind).length)).toEqual([298, 297]);
  expect(textOf("README.md")).toContain("one constant text of 300 bytes");
});

test.each([
  ["component", readSurface().kinds.filter(({ form }) => form === "component")],
  ["function", readSurface().functions],
])("README.md: the table of %ss lists all that are exported", (header, exported) => {
  const rows = tableOf("README.md", header).map(([name = ""]) => unquoted(name));
  expect(rows).toEqual(exported.map(({ name }) => name));
  expect(rows.filter((name) => !(name in index))).toEqual([]);
});

test("README.md: the table of kinds lists the exported resources with their ids", () => {
  const classes = Object.entries(index)
    .filter(([, { prototype }]) => prototype instanceof pulumi.CustomResource)
    .filter(([, { prototype }]) => !(prototype instanceof pulumi.ProviderResource))
    .map(([name]) => name);
  const ids = readSurface().kinds.map(({ name, id = "" }) => [name, unquoted(id)]);
  const rows = tableOf("README.md", "class").map(([name = "", id = ""]) => [unquoted(name), unquoted(id)]);
  expect(rows).toEqual(ids.filter(([name = ""]) => classes.includes(name)));
  expect(rows).toHaveLength(classes.length);
});

function unquoted(cell: string): string {
  return cell.replaceAll("`", "");
}
