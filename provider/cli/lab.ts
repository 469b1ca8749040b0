import { once } from "node:events";
import { onlyOneOf, parseFlags, UsageError } from "./flags.ts";
import { seedFile } from "./lab/seed-file.ts";

type LabModule = typeof import("../../lab/index.ts");
type Addresses = Awaited<ReturnType<LabModule["startLab"]>>["addresses"];

export const help = `Usage: cloudstack-storage lab [flags]

Starts simulators of the storage systems on 127.0.0.1 and keeps them running until Ctrl-C or SIGTERM.
Nothing is stored: a lab that is started again is empty, or holds what --seed says.

Flags:
  --port-base N  the first port (default 28080; the lab takes it and the next ones); 0 = any free ports
  --tls          TLS on all systems, not only ECS, by a certificate authority that the lab makes at its start
  --seed FILE    a JSON file with what the systems hold at the start: {"cloudian": {…}, "ecs": {…}, "cloudstack": {…}},
                 each as the body of PATCH /state/<system>
  --json         print the addresses as one line of JSON
  --env          print them as lines for a shell: eval "$(cloudstack-storage lab --env)"
  --config       print them as "pulumi config set" commands
  --help         this text

--env and --config do not start a second lab. If one runs at the port base, they print its addresses and end.
If none runs, or with --port-base 0, they start one, print its addresses and stay, as the command does without them.

Exit codes: 0 ended by Ctrl-C or SIGTERM, or addresses printed; 1 it cannot start; 2 the arguments cannot be used.

More: docs/lab.md
`;

interface Flags {
  /** The lab's default if absent. */
  readonly portBase: number | undefined;
  readonly tls: boolean;
  readonly seed: string | undefined;
  readonly print: (addresses: Addresses, defaultPortBase: number) => string;
  /** Print the addresses of a lab that runs already, if there is one. */
  readonly attach: boolean;
  /** Tell on the other stream that this process stays: the reader of the lines may expect it to end. */
  readonly announce: boolean;
}

/** Runs until a signal; answers the exit code. */
export async function run(args: string[]): Promise<number> {
  const flags = flagsOf(args);
  const { defaultPortBase, startLab } = await import("../../lab/index.ts");
  const { portBase = defaultPortBase, tls } = flags;
  const seed = flags.seed === undefined ? {} : { seed: await seedFile(flags.seed) };
  if (flags.attach) {
    const running = await runningLab(portBase);
    if (running !== undefined && flags.seed !== undefined)
      throw new Error(
        `A lab runs at port ${portBase} already, and --seed is for one that starts: end that one, give this one another --port-base, or send the parts of ${flags.seed} to ${running.control}/state/….`,
      );
    if (running !== undefined) {
      process.stdout.write(flags.print(running, defaultPortBase));
      return 0;
    }
  }
  const lab = await startLab({ portBase, tls, ...seed });
  const ended = endSignal();
  process.stdout.write(flags.print(lab.addresses, defaultPortBase));
  if (flags.announce) process.stderr.write("A lab was started here. It stays until Ctrl-C or SIGTERM.\n");
  await ended;
  await lab.close();
  return 0;
}

function flagsOf(args: string[]): Flags {
  const values = parseFlags(args, {
    "port-base": { type: "string" },
    tls: { type: "boolean", default: false },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    env: { type: "boolean", default: false },
    config: { type: "boolean", default: false },
  });
  onlyOneOf(values, ["json", "env", "config"]);
  const base = values["port-base"];
  if (base !== undefined && !/^[0-9]{1,5}$/.test(base))
    throw new UsageError("--port-base needs a port number, or 0 for any free ports.");
  const portBase = base === undefined ? undefined : Number(base);
  const print = values.json ? jsonLine : values.env ? environmentLines : values.config ? configCommands : humanText;
  const announce = values.env || values.config;
  return { portBase, tls: values.tls, seed: values.seed, print, attach: announce && portBase !== 0, announce };
}

/** The addresses of the lab whose control API listens at this port; undefined if nothing of the kind answers. */
async function runningLab(port: number): Promise<Addresses | undefined> {
  const control = `http://127.0.0.1:${port}`;
  try {
    const response = await fetch(`${control}/addresses`, { signal: AbortSignal.timeout(2000) });
    const addresses = (await response.json()) as Addresses;
    return response.ok && addresses.control === control ? addresses : undefined;
  } catch {
    return undefined;
  }
}

async function endSignal(): Promise<void> {
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
}

function jsonLine(addresses: Addresses): string {
  return `${JSON.stringify(addresses)}\n`;
}

function humanText({ control, cloudian, ecs, cloudstack }: Addresses, defaultPortBase: number): string {
  const { port } = new URL(control);
  const flags = port === String(defaultPortBase) ? "" : ` --port-base ${port}`;
  return `The lab runs. Ctrl-C ends it.

  control API          ${control}
  Cloudian Admin API   ${cloudian.endpoint}  (user ${cloudian.username}, password ${cloudian.password})
  Cloudian S3          ${cloudian.s3Endpoint}
  Cloudian CMC         ${cloudian.cmcEndpoint}
  ECS management API   ${ecs.endpoint}  (user ${ecs.username}, password ${ecs.password})
  ECS S3               ${ecs.s3Endpoint}  (namespace ${ecs.namespace})
  CloudStack API       ${cloudstack.endpoint}  (key ${cloudstack.apiKey}, secret ${cloudstack.secretKey})

In another terminal:  eval "$(npx cloudstack-storage lab --env${flags})"
`;
}

interface Setting {
  readonly key: string;
  readonly variable: string;
  readonly value: string;
  readonly secret: boolean;
}

function settings({ cloudian, ecs, cloudstack }: Addresses): Setting[] {
  const setting = (key: string, variable: string, value: string, secret = false) => ({ key, variable, value, secret });
  return [
    setting("cloudianEndpoint", "CLOUDIAN_ENDPOINT", cloudian.endpoint),
    setting("cloudianUsername", "CLOUDIAN_USERNAME", cloudian.username),
    setting("cloudianPassword", "CLOUDIAN_PASSWORD", cloudian.password, true),
    setting("cloudianS3Endpoint", "CLOUDIAN_S3_ENDPOINT", cloudian.s3Endpoint),
    setting("cloudianCmcEndpoint", "CLOUDIAN_CMC_ENDPOINT", cloudian.cmcEndpoint),
    setting("cloudianSsoKey", "CLOUDIAN_SSO_KEY", cloudian.ssoKey, true),
    ...(cloudian.caPem === undefined ? [] : [setting("cloudianCaPem", "CLOUDIAN_CA_PEM", cloudian.caPem)]),
    setting("ecsEndpoint", "ECS_ENDPOINT", ecs.endpoint),
    setting("ecsUsername", "ECS_USERNAME", ecs.username),
    setting("ecsPassword", "ECS_PASSWORD", ecs.password, true),
    setting("ecsNamespace", "ECS_NAMESPACE", ecs.namespace),
    setting("ecsCaPem", "ECS_CA_PEM", ecs.caPem),
    setting("ecsS3Endpoint", "ECS_S3_ENDPOINT", ecs.s3Endpoint),
    ...(ecs.s3Endpoint.startsWith("https:") ? [setting("ecsS3CaPem", "ECS_S3_CA_PEM", ecs.caPem)] : []),
    setting("cloudstackEndpoint", "CLOUDSTACK_API_URL", cloudstack.endpoint),
    setting("cloudstackApiKey", "CLOUDSTACK_API_KEY", cloudstack.apiKey),
    setting("cloudstackSecretKey", "CLOUDSTACK_SECRET_KEY", cloudstack.secretKey, true),
    ...(cloudstack.caPem === undefined ? [] : [setting("cloudstackCaPem", "CLOUDSTACK_CA_PEM", cloudstack.caPem)]),
  ];
}

function environmentLines(addresses: Addresses): string {
  return settings(addresses)
    .map(({ variable, value }) => `export ${variable}=${quoted(value)}\n`)
    .join("");
}

function configCommands(addresses: Addresses): string {
  return settings(addresses)
    .map(({ key, value, secret }) => {
      const flag = secret ? "--secret " : "";
      // A PEM text begins with dashes, which would be read as a flag.
      const end = value.startsWith("-") ? "-- " : "";
      return `pulumi config set ${flag}cloudstack-storage:${key} ${end}${quoted(value)}\n`;
    })
    .join("");
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
