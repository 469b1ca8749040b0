import { notEmpty, type Rule } from "./arguments.ts";

/** The setting that an argument of the connector is, and what it may be. */
export interface ConnectorSetting {
  readonly settingName: string;
  readonly rule: Rule<unknown>;
  readonly isRequired?: true;
  /** The value that every system has at first. */
  readonly wellKnown?: string;
  /** What is allowed, but with a warning. */
  readonly caution?: Rule<unknown>;
}

const clear =
  (what: string): Rule<unknown> =>
  (scheme) =>
    scheme === "http"
      ? `is "http": ${what} over a connection that everybody on the way can read and change`
      : undefined;

const unverified: Rule<unknown> = (verifies) =>
  verifies === false
    ? "is false: CloudStack tells the Admin API's password to whoever answers in its place"
    : undefined;

/** In the order in which the procedure asks for them (reference: Cloudian Admin API, 7.6). */
export const connectorSettings = {
  adminHost: { settingName: "cloudian.admin.host", rule: host, isRequired: true },
  adminPort: { settingName: "cloudian.admin.port", rule: port },
  adminProtocol: {
    settingName: "cloudian.admin.protocol",
    rule: scheme,
    caution: clear("CloudStack sends the Admin API's password"),
  },
  validateSsl: { settingName: "cloudian.validate.ssl", rule: flag, caution: unverified },
  adminUsername: { settingName: "cloudian.admin.user", rule: notEmpty },
  adminPassword: { settingName: "cloudian.admin.password", rule: untrimmed, isRequired: true, wellKnown: "public" },
  requestTimeoutSeconds: { settingName: "cloudian.api.request.timeout", rule: seconds },
  cmcAdminUser: { settingName: "cloudian.cmc.admin.user", rule: notEmpty },
  cmcHost: { settingName: "cloudian.cmc.host", rule: host, isRequired: true },
  cmcPort: { settingName: "cloudian.cmc.port", rule: port },
  cmcProtocol: {
    settingName: "cloudian.cmc.protocol",
    rule: scheme,
    caution: clear("browsers send log-ins to the CMC"),
  },
  ssoKey: { settingName: "cloudian.sso.key", rule: untrimmed, isRequired: true, wellKnown: "ss0sh5r3dk3y" },
} as const satisfies Record<string, ConnectorSetting>;

export type ConnectorArgument = keyof typeof connectorSettings;

/** What a value has to be; a well-known secret passes only where the program says so. */
export function connectorRule(argument: ConnectorArgument, allowDefaultSecrets: boolean): Rule<unknown> {
  const { rule, wellKnown }: ConnectorSetting = connectorSettings[argument];
  return (value) => {
    if (wellKnown === undefined || allowDefaultSecrets || `${value}`.trim() !== wellKnown) return rule(value);
    return (
      "is HyperStore's default, which everybody knows: whoever reaches the system could use it. Change it on the HyperStore " +
      "and give the new one, or give allowDefaultSecrets: true for a system that holds nothing"
    );
  };
}

/** CloudStack takes blanks at the ends of a value away, and the other side does not. */
function untrimmed(value: unknown): string | undefined {
  const reason = notEmpty(value);
  return (
    reason ??
    (value === `${value}`.trim() ? undefined : "must not begin or end with a blank: CloudStack would take it away")
  );
}

function host(value: unknown): string | undefined {
  return typeof value === "string" && /^([^\s/:@?#[\]]+|\[[0-9a-fA-F:.]+\])$/.test(value)
    ? undefined
    : "must be a host name or an address, without scheme, port and path";
}

function port(value: unknown): string | undefined {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535
    ? undefined
    : "must be a whole number from 1 to 65535";
}

function seconds(value: unknown): string | undefined {
  return Number.isInteger(value) && Number(value) >= 1 ? undefined : "must be a whole number of seconds from 1";
}

function scheme(value: unknown): string | undefined {
  return value === "https" || value === "http" ? undefined : 'must be "https" or "http"';
}

function flag(value: unknown): string | undefined {
  return typeof value === "boolean" ? undefined : "must be true or false";
}
