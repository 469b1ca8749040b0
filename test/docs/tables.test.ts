import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { type SettingKey, settingKeys } from "../../provider/core/setting-keys.ts";
import * as index from "../../provider/index.ts";
import { readSurface } from "../harness/surface.ts";
import { tableOf } from "./markdown.ts";

const settings: [string, SettingKey][] = Object.entries(settingKeys);

test.each(["README.md", "docs/settings.md"])("%s: the table of settings is the one in the code", (file) => {
  const rows = tableOf(file, "setting").map(([name = "", environment = ""]) => [name, environment]);
  expect(rows).toEqual(
    settings.map(([name, key]) => [`\`${name}\`${key.secret ? " (secret)" : ""}`, `\`${key.environment}\``]),
  );
});

test("README.md: the defaults in the table of settings are those that the doc comments name", () => {
  const provider = readSurface().kinds.find(({ name }) => name === "Provider");
  const numbers = (provider?.inputs ?? [])
    .filter(({ initial }) => /^(?:\d+|true|false)$/.test(initial ?? ""))
    .map(({ name, initial }) => [`\`${name}\``, `\`${initial}\``]);
  const rows = tableOf("README.md", "setting").map(([name, , initial]) => [name, initial]);
  expect(rows.filter(([, initial]) => /^`(?:\d+|true|false)`$/.test(initial ?? ""))).toEqual(numbers);
});

test("README.md: the table of kinds lists the exported resources with their ids", () => {
  const classes = Object.entries(index)
    .filter(([, value]) => value.prototype instanceof pulumi.CustomResource)
    .filter(([, value]) => !(value.prototype instanceof pulumi.ProviderResource))
    .map(([name]) => name);
  const ids = readSurface().kinds.map(({ name, id }) => [name, id]);
  const rows = tableOf("README.md", "class").map(([name = "", id = ""]) => [unquoted(name), unquoted(id)]);
  expect(rows).toEqual(ids.filter(([name = ""]) => classes.includes(name)));
  expect(rows).toHaveLength(classes.length);
});

function unquoted(cell: string): string {
  return cell.replaceAll("`", "");
}
