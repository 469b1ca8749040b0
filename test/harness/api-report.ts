import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const root = resolve(import.meta.dirname, "../..");
const update = process.argv.includes("--update");

/** Writes what the entry point offers to docs/api, or says that it is no longer what is written there. */
function report(entry: string): boolean {
  const folder = join(root, "docs", "api");
  mkdirSync(folder, { recursive: true });
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      newlineKind: "lf",
      mainEntryPointFilePath: join(root, "dist", "provider", `${entry}.d.ts`),
      compiler: { tsconfigFilePath: join(root, "tsconfig.json") },
      apiReport: {
        enabled: true,
        reportFileName: entry,
        reportFolder: folder,
        reportTempFolder: join(root, "node_modules", ".cache", "api"),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error, addToApiReportFile: false },
          // Nothing here is released in stages, so nothing carries release tags.
          "ae-missing-release-tag": { logLevel: ExtractorLogLevel.None },
          // Shapes are written into the report whether they are exported or not.
          "ae-forgotten-export": { logLevel: ExtractorLogLevel.None },
          // The docs layer asks for descriptions where a user needs them.
          "ae-undocumented": { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, "package.json"),
  });
  const result = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      // The report's own remarks speak of copying files; ours is below.
      message.handled ||= message.messageId.startsWith("console-");
    },
  });
  if (result.apiReportChanged && !update) {
    console.error(
      `docs/api/${entry}.api.md is not what the package offers. \`npm run api\` writes it anew; look at its diff.`,
    );
  }
  return result.succeeded;
}

const reports = ["index", "dynamic"].map(report);
process.exitCode = reports.every(Boolean) ? 0 : 1;
