import { createHmac } from "node:crypto";
import { type Answer, object } from "./cloudstack-answer.ts";
import type { Call, Commands } from "./cloudstack-call.ts";
import { adminCall, documentsOf, isEnabled, settingText } from "./cloudstack-connector-client.ts";
import { addGroup, addUser, profileOf } from "./cloudstack-connector-events.ts";
import type { ConnectorStore } from "./cloudstack-connector-store.ts";
import { domainOf } from "./cloudstack-directory.ts";
import { failed } from "./cloudstack-error.ts";
import { atLeast } from "./cloudstack-options.ts";
import type { CloudStackDraft, CloudStackSection } from "./cloudstack-patch-draft.ts";
import { flagMember, type MemberForm, parseMembers, wholeMember } from "./patch.ts";

const systemGroup = "0";

function cloudianIsEnabled(call: Call): Answer {
  return object("cloudianisenabled", { enabled: isEnabled(call), url: consoleUrl(call) });
}

/** A URL that logs the caller in to the console; makes what is missing, and overwrites what differs. */
function cloudianSsoLogin(call: Call): Answer {
  const { account } = call.caller;
  const mapped =
    account.name === "admin" && account.type === 1
      ? { userId: settingText(call, "cloudian.cmc.admin.user"), groupId: systemGroup }
      : { userId: account.id, groupId: domainOf(call.store, account).id };
  answered(() => assertUser(call, mapped));
  return object("cloudianssologin", { url: ssoUrl(call, mapped) });
}

interface MappedUser {
  readonly userId: string;
  readonly groupId: string;
}

/** A user who is switched off is treated like one who is missing, and so ends in a refusal. */
function assertUser(call: Call, mapped: MappedUser): void {
  const { account } = call.caller;
  const existing = activeUser(call, mapped);
  if (existing !== undefined) {
    if (mapped.groupId !== systemGroup) overwriteProfile(call, existing);
    return;
  }
  const { groupId } = mapped;
  const [group] = documentsOf(adminCall(call, "GET", "/group", { groupId }));
  if (group === undefined && !addGroup(call, domainOf(call.store, account))) {
    throw failed("Aborting Cloudian SSO, failed to add group to Cloudian.");
  }
  if (!addUser(call, account)) throw failed("Aborting Cloudian SSO, failed to add user to Cloudian.");
  if (activeUser(call, mapped) === undefined) {
    throw failed("Aborting Cloudian SSO, failed to find mapped Cloudian user, please fix integration issues.");
  }
}

function activeUser(call: Call, { userId, groupId }: MappedUser): Record<string, unknown> | undefined {
  const [user] = documentsOf(adminCall(call, "GET", "/user", { userId, groupId }));
  return user?.["active"] === "true" ? user : undefined;
}

/** The result of the write is not looked at. */
function overwriteProfile(call: Call, existing: Record<string, unknown>): void {
  if (!isEnabled(call)) return;
  const { fullName, emailAddr } = profileOf(call, call.caller.account);
  if (existing["fullName"] === null) throw new Error("the full name is null");
  if (existing["fullName"] === fullName && existing["emailAddr"] === null) throw new Error("the e-mail is null");
  if (existing["fullName"] === fullName && existing["emailAddr"] === emailAddr) return;
  const { canonicalUserId: _, ...document } = existing;
  adminCall(call, "POST", "/user", {}, { ...document, active: true, fullName, emailAddr });
}

/** Whatever else goes wrong is an internal error of CloudStack. */
function answered(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof Error && error.name !== "ApiError") throw failed(`Internal error: ${error.message}`);
    throw error;
  }
}

function consoleUrl(call: Call): string {
  const [protocol, host, port] = ["protocol", "host", "port"].map((part) => settingText(call, `cloudian.cmc.${part}`));
  return `${protocol}://${host}:${port}/Cloudian/`;
}

function ssoUrl(call: Call, { userId, groupId }: MappedUser): string {
  const signed = `user=${userId}&group=${groupId}&timestamp=${call.clock.now()}`;
  const old = groupId === systemGroup ? "admin.htm" : "explorer.htm";
  const redirect = atLeast(call.store.options, [4, 20]) ? "/" : old;
  const signature = createHmac("sha1", settingText(call, "cloudian.sso.key")).update(signed).digest("base64");
  return `${consoleUrl(call)}ssosecurelogin.htm?${signed}&signature=${encodeURIComponent(signature)}&redirect=${redirect}`;
}

export const connectorCommands: Commands = {
  cloudianIsEnabled: { run: cloudianIsEnabled, changes: false, since: [4, 11], role: "everyone", params: "" },
  cloudianSsoLogin: {
    run: cloudianSsoLogin,
    changes: false,
    since: [4, 11],
    role: "everyone",
    available: ({ connector }) => connector.running,
    params: "",
  },
};

export const connectorSections: Readonly<Record<string, CloudStackSection>> = { connector: patchConnector };

export function connectorTree({ connector }: ConnectorStore): Record<string, unknown> {
  return { connector: { ...connector, log: [...connector.log] } };
}

const emptyLog: MemberForm<[]> = {
  expected: "an empty list, which forgets it",
  parse: (value) => (Array.isArray(value) && value.length === 0 ? [] : undefined),
};

const connectorForms = { restarts: wholeMember(0), running: flagMember, log: emptyLog };

/** Another number of restarts is a restart of the management servers: only then the enabling setting is read. */
function patchConnector({ store }: CloudStackDraft, name: string, value: unknown): void {
  const { connector } = store;
  const { restarts, running, log } = parseMembers(connectorForms, { [name]: value });
  if (log !== undefined) connector.log = log;
  if (running !== undefined) connector.running = running;
  if (restarts === undefined || restarts === connector.restarts) return;
  connector.restarts = restarts;
  connector.running = isEnabled({ store });
}
