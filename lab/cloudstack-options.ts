import { choice, flag, initialValues, type OptionRule, type OptionsOf, text, whole, withValue } from "./options.ts";
import { certificateNames } from "./system.ts";

const releaseForm = /^(?:\d+\.\d+(?:\.\d+){0,2}(?:-[\w.-]+)?|next)$/;

/**
 * The switches of the simulated CloudStack. Where nobody outside knows what the real system does, the initial value is
 * the one that a client finds harder to live with.
 */
const rules = {
  /** What `listCapabilities` says, and what decides which commands and fields there are; `next` is not released yet. */
  release: releaseText("4.22.0.0"),
  /** The certificate that is shown with `--tls`. */
  certificate: choice("ca", ...certificateNames),
  /** On: only POST may change, and each call has an expiry within 15 minutes. */
  enforcePostAndTimestamps: flag(false),
  /** Where a list without `pagesize` is cut, and the largest `pagesize`. */
  defaultPageSize: whole(500, 1),
  /** So many of the next adds of secondary storage are 530, and nothing is there. */
  failBeforeInsert: whole(0, 0),
  /** So many of the next adds of a store answer 530, though the store is there. */
  failAfterInsert: whole(0, 0),
  /** So long a job runs. */
  jobSeconds: whole(1, 0),
  /** So many polls of a job that is over still show it running. */
  jobPolls: whole(1, 0),
  /** Whether the results of jobs are lost: each poll is 431, though the work is done. */
  loseJobs: flag(false),
  /** Whether jobs are cancelled (status 3) in place of being done. */
  cancelJobs: flag(false),
  /** Whether commands that make a job are 503. */
  maintenance: flag(false),
  /** Whether every call is 429. */
  throttle: flag(false),
  /** Whether texts in answers are URL-encoded. */
  encodeResponse: flag(false),
  /** Whether `success` is a text. */
  successAsText: flag(true),
  /** Whether every answer is 200 without a body. */
  emptyAnswers: flag(false),
  /** The name of a command that no role has; empty: none. */
  deniedCommand: text(""),
  /** Whether no secondary storage VM is there: nothing is downloaded then. */
  systemVmMissing: flag(false),
  /** Whether a system VM that starts runs, but its agent never connects. */
  agentStaysAway: flag(false),
  /** When after its creation a store shows sizes, which a secondary storage VM reports. */
  statisticsSeconds: whole(60, 0),
  /** So long the download of a template takes. */
  downloadSeconds: whole(2, 0),
  /** So many lists of templates, at least, show a download before it is done. */
  downloadPolls: whole(2, 0),
  /** Whether downloads end in an error, with no text. */
  downloadFails: flag(false),
  /** Whether the Cloudian connector reaches the lab's HyperStore, whatever host the settings name. */
  connectorReachesCloudian: flag(true),
  /** So long a deleted account waits for its clean-up in the background, and stands in the way of its domain's deletion. */
  accountCleanupSeconds: whole(0, 0),
  /** On: the deletion of a domain with all that is in it fails half-way, and the domain stays Inactive. */
  domainCleanupFails: flag(false),
  /** Whether an object storage does not answer when its pool is added or gets another URL. */
  objectPoolProbeFails: flag(false),
  /** Buckets that one account may have; -1 = no limit. */
  bucketLimit: whole(-1, -1),
} as const;

export type CloudStackOptions = OptionsOf<typeof rules>;

export function initialOptions(): CloudStackOptions {
  return initialValues(rules);
}

/** The options with one of them set, or back at its initial value for null; a text that tells why not. */
export function withOption(options: CloudStackOptions, name: string, value: unknown): CloudStackOptions | string {
  return withValue(rules, options, name, value);
}

/** The numbers of a release, such as 4, 19 and 1. */
export type Release = readonly number[];

/** Above every release: for what is not released yet. */
export const nextRelease: Release = [99];

/** Whether the simulated release is this one or a later one. */
export function atLeast({ release }: CloudStackOptions, wanted: Release): boolean {
  const numbers = release === "next" ? nextRelease : release.split("-")[0]?.split(".").map(Number);
  for (const [index, number] of wanted.entries()) {
    const difference = (numbers?.[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function releaseText(initial: string): OptionRule<string> {
  return {
    initial,
    expected: 'a release such as "4.19.1.0", or "next"',
    accepts: (value): value is string => typeof value === "string" && releaseForm.test(value),
  };
}
