import { CloudStackClient } from "../../cloudstack/client.ts";
import { callableCommands } from "../../cloudstack/command-list.ts";
import { releaseOf } from "../../cloudstack/release.ts";
import { messageOf, Refused, Unauthorized } from "../../core/errors.ts";
import type { Context, Found } from "./finding.ts";

const subject = "API";

/** What the kinds of this package send, reads and changes alike. */
const usedCommands = [
  "listCapabilities",
  "listApis",
  "getUser",
  "queryAsyncJobResult",
  "listZones",
  "listSystemVms",
  "listStorageProviders",
  "listImageStores",
  "addImageStore",
  "updateImageStore",
  "deleteImageStore",
  "listSecondaryStagingStores",
  "createSecondaryStagingStore",
  "deleteSecondaryStagingStore",
  "listTemplates",
  "listIsos",
  "listSnapshots",
  "listVolumes",
  "listConfigurations",
  "updateConfiguration",
  "resetConfiguration",
  "listObjectStoragePools",
  "addObjectStoragePool",
  "updateObjectStoragePool",
  "deleteObjectStoragePool",
  "listBuckets",
  "listDomains",
  "listAccounts",
  "cloudianIsEnabled",
];

/** Asked once: a key that is refused is not offered again. */
export async function* logInFindings({ settings }: Context): AsyncGenerator<Found> {
  try {
    const release = await CloudStackClient.of(settings).api.release();
    yield { subject, check: "log-in", verdict: "ok", text: "The API key and its signature are accepted." };
    yield { subject, check: "version", verdict: "ok", text: `CloudStack ${release.text}.` };
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    const said = /answered (401.*?)\. Check /.exec(messageOf(error))?.[1] ?? "401";
    yield {
      subject,
      check: "log-in",
      verdict: "failed",
      text: `The API key or its signature is refused (${said}).`,
      next:
        "Check cloudstackApiKey and cloudstackSecretKey, which belong together, that the user and its account are enabled, and that this address may " +
        "use the key. CloudStack says no more than that; a clock that is off is allowed for, and told above.",
      stops: true,
    };
  }
}

/** Which of the commands that the provider sends this caller may not call, or this release does not have. */
export async function* commandsFindings({ settings, once }: Context): AsyncGenerator<Found> {
  const { api } = CloudStackClient.of(settings);
  const check = "commands";
  const callable = await once("callable commands", () => callableCommands(api));
  const release = await api.release();
  const missing = usedCommands.filter((command) => !callable.has(command));
  const tooNew = missing.filter((command) => !release.isAtLeast(releaseOf(command) ?? "0"));
  const denied = missing.filter((command) => !tooNew.includes(command));
  if (denied.length > 0)
    yield {
      subject,
      check,
      verdict: "failed",
      text: `This key may not call ${denied.join(", ")}.`,
      next: "Give its role these commands, or use the key of a root administrator. A build may lack a plugin, too.",
    };
  if (tooNew.length > 0)
    yield {
      subject,
      check,
      verdict: "warning",
      text: `CloudStack ${release.text} has not yet ${tooNew.map((command) => `${command} (${releaseOf(command)})`).join(", ")}.`,
      next: "Upgrade CloudStack before you declare what needs them.",
    };
  if (missing.length === 0)
    yield {
      subject,
      check,
      verdict: "ok",
      text: `All ${usedCommands.length} commands that the provider uses are there.`,
    };
}

/** Everybody else gets the part of a list that they may see, and no word about the rest. */
export async function* roleFindings({ settings }: Context): AsyncGenerator<Found> {
  const check = "role";
  try {
    await CloudStackClient.of(settings).rootAccount.get();
    yield { subject, check, verdict: "ok", text: "The key belongs to a root administrator." };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const next = "Use the key of a root administrator, one of a user made for this.";
    yield { subject, check, verdict: "failed", text: messageOf(error), next, stops: true };
  }
}
