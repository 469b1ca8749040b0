import { connect } from "node:net";
import * as pulumi from "@pulumi/pulumi";

const configuration = new pulumi.Config("cloudstack-storage");

const settings = [
  { key: "cloudianEndpoint", variable: "CLOUDIAN_ENDPOINT" },
  { key: "cloudianUsername", variable: "CLOUDIAN_USERNAME" },
  { key: "cloudianPassword", variable: "CLOUDIAN_PASSWORD" },
] as const;

/** Ends the program, before it declares anything, with all that is missing in one error. */
export async function requireSystem(): Promise<void> {
  const missing = [...settingProblems(), ...(await labProblems())];
  if (missing.length === 0) return;
  missing.push(...passphraseProblems());
  throw new pulumi.RunError(
    `The quick start cannot run yet. Missing:
${missing.map((problem) => `  - ${problem}`).join("\n")}
All that it needs: npx cloudstack-storage lab (in another terminal), eval "$(npx cloudstack-storage lab --env)",
export PULUMI_CONFIG_PASSPHRASE='choose one', pulumi stack init dev.
For a HyperStore of your own instead of the lab:
    pulumi config set cloudstack-storage:cloudianEndpoint https://HOST:19443
    pulumi config set cloudstack-storage:cloudianUsername sysadmin
    pulumi config set --secret cloudstack-storage:cloudianPassword
More: examples/quick-start/README.md`,
  );
}

function settingProblems(): string[] {
  const absent = settings.filter(
    ({ key, variable }) => !configuration.get(key) && !configuration.get(`${key}Env`) && !process.env[variable],
  );
  if (absent.length === 0) return [];
  return [
    `a running lab and its settings (${absent.map(({ key }) => key).join(", ")}). In another terminal, in the top folder:
        npx cloudstack-storage lab
    then in this one:
        eval "$(npx cloudstack-storage lab --env)"`,
  ];
}

/** Only an address of this machine is tried: of another one a preview needs no answer. */
async function labProblems(): Promise<string[]> {
  const endpoint = configuration.get("cloudianEndpoint") || process.env["CLOUDIAN_ENDPOINT"];
  const url = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) return [];
  if (await accepts(url)) return [];
  return [
    `a running lab: nothing listens at ${endpoint}. Start it in another terminal, in the top folder:
        npx cloudstack-storage lab`,
  ];
}

/** Connects without a request. */
function accepts(url: URL): Promise<boolean> {
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port, timeout: 2000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

function passphraseProblems(): string[] {
  if (process.env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || process.env["PULUMI_CONFIG_PASSPHRASE_FILE"]) return [];
  return [
    `the stack's passphrase in the environment; without it Pulumi asks at every command:
        export PULUMI_CONFIG_PASSPHRASE='the one of this stack'`,
  ];
}
