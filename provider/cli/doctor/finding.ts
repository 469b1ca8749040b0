import type { ConnectionSettings, Settings } from "../../core/settings.ts";

/** Bad to good: a system or zone is as well as its worst finding. */
export const verdicts = ["failed", "not known", "warning", "ok"] as const;

export type Verdict = (typeof verdicts)[number];

/** In the order of the report. What is asked of S3 belongs to the system whose S3 it is. */
export const systemNames = ["cloudian", "sso", "ecs", "cloudstack"] as const;

export type SystemName = (typeof systemNames)[number];

export const systemTitles: Readonly<Record<SystemName, string>> = {
  cloudian: "Cloudian HyperStore",
  sso: "Single sign-on",
  ecs: "Dell ECS",
  cloudstack: "CloudStack",
};

/** What one look has shown. Member names and check names are part of the JSON document, which is frozen. */
export interface Finding {
  readonly system: SystemName;
  /** Name of the zone of CloudStack, where it is about one. */
  readonly zone?: string;
  /** What of the system it is about, where there are several: `Admin API`, `store backup`. */
  readonly subject?: string;
  /** Lower case with dashes, such as `tls-expiry`; the same in every release. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was looked at and what came back, in one line. */
  readonly text: string;
  /** What to do; never missing beside a verdict other than ok. */
  readonly next?: string;
}

/** A finding as a check makes it. */
export type Found = Omit<Finding, "system"> & {
  /** Checks that need this one cannot be made any more. */
  readonly stops?: true;
};

/** What the command line says beyond the settings. */
export interface DoctorOptions {
  /** ECS object user whose key is tried. */
  readonly owner?: string;
}

/** What every check of a run works with. */
export interface Context {
  readonly settings: Settings;
  readonly options: DoctorOptions;
  /** Ends the looks that take no deadline from the running operation. */
  readonly signal: AbortSignal;
  /** This machine's clock, in milliseconds since 1970. */
  now(): number;
  /** What several checks build on is asked once a run, whichever system they belong to. */
  once<T>(what: string, ask: () => Promise<T>): Promise<T>;
}

/**
 * One look at a system. It only reads, and may throw: then its finding is "not known", with what the error says, and the
 * checks that need it are not made. The same where it has found something that `stops`.
 */
export interface Check {
  /** Of the finding where the check cannot be made; and how other checks name it in `needs`. */
  readonly name: string;
  readonly subject?: string;
  /** Checks that go before: of the same system by name, of another one as `cloudstack/log-in`. */
  readonly needs?: readonly string[];
  run(context: Context): AsyncIterable<Found> | Promise<readonly Found[]>;
}

/** An address that a system is reached at. Its check comes before all others, under its name. */
export interface Endpoint {
  /** `admin-api`: what checks that talk to it name in `needs`. */
  readonly name: string;
  /** `Admin API`: the subject of its findings. */
  readonly subject: string;
  readonly connection: ConnectionSettings;
  /** Of the settings that concern its TLS: `cloudian`, `ecsS3`. */
  readonly settingPrefix: string;
  /** What says where it is: `cloudianEndpoint`. */
  readonly setting: string;
  /** Where the service listens if nobody has changed it. */
  readonly usualPorts: string;
  /** What is asked for, without a log-in; the endpoint's own path if absent. */
  readonly path?: string;
  /** HTML is what it answers. */
  readonly isConsole?: true;
  /** What is sent to it carries a signed time of this machine's clock, so that one that is far off means refusal. */
  readonly signed?: true;
  /** Who else has to resolve its name and reach it. */
  readonly alsoUsedBy?: string;
  /** Where it writes what goes wrong. */
  readonly log?: string;
}
