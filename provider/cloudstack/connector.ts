import { Refused } from "../core/errors.ts";
import { flagIn, type Item, textIn } from "./answers.ts";
import type { CloudStackApi } from "./api.ts";

/** CloudStack's Cloudian connector, and what it needs (reference: CloudStack API, 9; Cloudian Admin API, 7). */
export const connectorSettings = "cloudian.";

const oldestCloudStack = "4.11";
const oldestHyperStore = [6, 2] as const;

/** What CloudStack says of its connector, to everybody. */
export interface ConnectorState {
  readonly enabled: boolean;
  /** Of the management console, as browsers are sent to it. */
  readonly url: string;
}

/** Undefined where the release has no connector. */
export async function connectorState(api: CloudStackApi): Promise<ConnectorState | undefined> {
  if (!(await api.release()).isAtLeast(oldestCloudStack)) return undefined;
  const answer = await api.read({ what: "ask for the Cloudian connector", command: "cloudianIsEnabled" });
  const item = answer["cloudianisenabled"];
  const state = typeof item === "object" && item !== null ? (item as Item) : {};
  return { enabled: flagIn(state, "enabled"), url: textIn(state, "url") ?? "" };
}

/** Whether the connector is on; false where the release has none. */
export async function connectorIsOn(api: CloudStackApi): Promise<boolean> {
  return (await connectorState(api))?.enabled ?? false;
}

/** Refuses, before anything is written, releases that are known to be too old; `hyperStore` is undefined where nobody can tell. */
export async function requireConnectorReleases(
  api: CloudStackApi,
  hyperStore: () => Promise<string | undefined>,
): Promise<void> {
  const release = await api.release();
  if (!release.isAtLeast(oldestCloudStack))
    throw new Refused(
      `The Cloudian connector came with CloudStack ${oldestCloudStack}, and ${api.endpoint} is ${release.text}. Nothing was changed.`,
    );
  const version = await hyperStore();
  const [major, minor] =
    /^\s*(\d+)\.(\d+)/
      .exec(version ?? "")
      ?.slice(1)
      .map(Number) ?? [];
  if (major === undefined || minor === undefined) return;
  if (major > oldestHyperStore[0] || (major === oldestHyperStore[0] && minor >= oldestHyperStore[1])) return;
  throw new Refused(
    `CloudStack's Cloudian connector needs HyperStore ${oldestHyperStore.join(".")} or newer, and this one is ${version}. Nothing was changed.`,
  );
}
