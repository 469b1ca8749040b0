import { type SystemName, systemNames, type Verdict } from "./doctor/finding.ts";
import { reportOf, textOf, withoutGood } from "./doctor/report.ts";
import { parseFlags, projectFlags, UsageError, wholeNumber } from "./flags.ts";
import { settingsOf } from "./project.ts";

export const help = `Usage: cloudstack-storage doctor [flags]

Looks for what is wrong with the systems that the settings name, and says for each look ok, warning, failed or not known,
with what to do next. It changes nothing and needs no more rights than the provider.

Flags:
  --system NAME      look at this system only: ${systemNames.join(", ")}; may be repeated (default: all that are configured)
  --owner NAME       ECS object user whose key is tried on S3 (default: the first one whose key can be read)
  --timeout SECONDS  for each system (default 60); what is not asked by then is not known
  --quiet            print only what is not ok, and the verdicts
  --json             print a JSON document (docs/schemas/doctor.schema.json)
  --cwd, -C DIR      folder of the Pulumi project whose configuration is read (default: this one)
  --stack, -s NAME   stack of that project (default: the selected one)
  --help             this text

Settings: stack configuration (cloudstack-storage:…), then environment. cloudianCmcEndpoint (CLOUDIAN_CMC_ENDPOINT),
cloudianSsoKey (CLOUDIAN_SSO_KEY) and cloudianS3Endpoint (CLOUDIAN_S3_ENDPOINT) are read as well.

Exit code: 0 nothing has failed (there may be warnings), 1 something has failed, 2 the arguments cannot be used,
3 nothing has failed, but something is not known.

More: docs/doctor.md
`;

const exitCodes: Readonly<Record<Verdict, number>> = { ok: 0, warning: 0, failed: 1, "not known": 3 };

const defaultTimeoutSeconds = 60;

/** A timer takes milliseconds of 32 bits; one that is set longer fires at once. */
const longestTimeoutSeconds = 2_147_483;

/** Looks at every system that is configured; answers the exit code. */
export async function run(args: string[]): Promise<number> {
  const flags = parseFlags(args, {
    ...projectFlags,
    system: { type: "string", multiple: true },
    owner: { type: "string" },
    timeout: { type: "string" },
    quiet: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  });
  const wanted = flags.system?.map(systemNamed);
  const timeoutSeconds = wholeNumber(flags.timeout, "timeout", 1, longestTimeoutSeconds) ?? defaultTimeoutSeconds;
  const settings = await settingsOf(flags);
  // The clients of all systems: who asks for help or mistypes a flag does not wait for them.
  const [{ examine }, { configuredSystems }] = await Promise.all([
    import("./doctor/run.ts"),
    import("./doctor/systems.ts"),
  ]);
  const systems = systemNames.filter((name) => (wanted ?? configuredSystems(settings)).includes(name));
  if (systems.length === 0) throw new UsageError(nothingConfigured);
  const options = flags.owner === undefined ? {} : { owner: flags.owner };
  const whole = reportOf(await examine(systems, { settings, options, timeoutSeconds }));
  const shown = flags.quiet ? withoutGood(whole) : whole;
  process.stdout.write(flags.json ? `${JSON.stringify(shown, undefined, 2)}\n` : textOf(shown));
  return exitCodes[whole.verdict];
}

const nothingConfigured =
  "No system is configured: neither stack configuration nor environment names cloudianEndpoint (CLOUDIAN_ENDPOINT), " +
  "ecsEndpoint (ECS_ENDPOINT), cloudstackEndpoint (CLOUDSTACK_API_URL) or cloudianCmcEndpoint (CLOUDIAN_CMC_ENDPOINT).";

function systemNamed(text: string): SystemName {
  const name = systemNames.find((candidate) => candidate === text);
  if (name === undefined) throw new UsageError(`--system is one of ${systemNames.join(", ")}, not "${text}".`);
  return name;
}
