import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf, runCommand } from "../harness/command.ts";
import { LabControl } from "../harness/lab.ts";

export interface Told {
  readonly system: string;
  readonly zone?: string;
  readonly subject?: string;
  readonly check: string;
  readonly verdict: string;
  readonly text: string;
  readonly next?: string;
}

export interface DoctorReport {
  readonly verdict: string;
  readonly systems: readonly { readonly name: string; readonly verdict: string }[];
  readonly zones: readonly { readonly name: string; readonly verdict: string }[];
  readonly findings: readonly Told[];
}

export interface DoctorRun {
  readonly code: number | undefined;
  readonly stderr: string;
  readonly report: DoctorReport;
}

/** A lab whose CloudStack has the Cloudian connector switched on, with the addresses of the lab, and runs with it. */
export interface ConnectedLab {
  readonly lab: Lab;
  readonly control: LabControl;
  readonly env: Readonly<Record<string, string>>;
  /** Everything as at the start. */
  restore(): Promise<void>;
}

export async function connectedLab(options: { tls?: boolean } = {}): Promise<ConnectedLab> {
  const lab = await startLab({ portBase: 0, ...options });
  const control = new LabControl(lab.addresses.control);
  const restore = async () => {
    await control.reset();
    await control.patch("cloudstack", { settings: connectorSettings(lab.addresses.cloudian) });
    await control.patch("cloudstack", { connector: { restarts: 1 } });
  };
  await restore();
  return { lab, control, env: environmentOf(lab.addresses), restore };
}

function connectorSettings({ endpoint, cmcEndpoint, ssoKey }: Lab["addresses"]["cloudian"]): Record<string, string> {
  const parts = (part: string, url: URL) => ({
    [`cloudian.${part}.host`]: url.hostname,
    [`cloudian.${part}.port`]: url.port,
    [`cloudian.${part}.protocol`]: url.protocol.slice(0, -1),
  });
  return {
    "cloudian.connector.enabled": "true",
    "cloudian.sso.key": ssoKey,
    ...parts("admin", new URL(endpoint)),
    ...parts("cmc", new URL(cmcEndpoint)),
  };
}

/** Runs the doctor as a process of its own and reads what it prints with `--json`. */
export async function doctor(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<DoctorRun> {
  const { code, stdout, stderr } = await runCommand(["doctor", "--json", ...args], { env });
  if (stdout === "") throw new Error(`The doctor ended with ${code}: ${stderr}`);
  return { code, stderr, report: JSON.parse(stdout) as DoctorReport };
}

/** What is not ok, a line each: `failed Admin API port: Nothing listens …`. */
export function troubles({ report }: DoctorRun): string[] {
  return report.findings
    .filter(({ verdict }) => verdict !== "ok")
    .map(({ verdict, subject, check, text }) => [verdict, subject, `${check}: ${text}`].filter(Boolean).join(" "));
}

/** What is said to do about a check that is not ok. */
export function nextOf({ report }: DoctorRun, check: string): string | undefined {
  return report.findings.find((finding) => finding.check === check && finding.verdict !== "ok")?.next;
}
