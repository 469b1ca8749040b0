import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The folder of the installed Pulumi SDK; it also holds the script that starts dynamic providers. */
export const sdkFolder = dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));

export const dynamicProviderScript =
  process.platform === "win32" ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs";

export function sdkVersion(): string {
  const { version } = JSON.parse(readFileSync(join(sdkFolder, "package.json"), "utf8")) as { version: string };
  return version;
}
