import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, tableOf } from "./markdown.ts";

const headers = ["endpoint check", "Cloudian check", "SSO check", "ECS check", "CloudStack check"];

test("docs/doctor.md lists every check by the name that it has in the JSON document", () => {
  const sources = globSync("provider/cli/doctor/*.ts", { cwd: root })
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
  const inCode = [...sources.matchAll(/\bcheck(?:: | = )"([a-z-]+)"/g)].map(([, name = ""]) => name);
  const onPage = headers.flatMap((header) => tableOf("docs/doctor.md", header).map(([name = ""]) => name.slice(1, -1)));
  // Both of the proxy's lines are made by one function.
  expect([...new Set(onPage)].sort()).toEqual([...new Set([...inCode, "name", "port"])].sort());
});
