import type { LabClock } from "./clock.ts";
import type { Call, CommandEntry } from "./cloudstack-call.ts";
import { ApiError, unauthorized } from "./cloudstack-error.ts";
import { atLeast } from "./cloudstack-options.ts";
import { authParam } from "./cloudstack-request.ts";
import { expiryOf, isSignature } from "./cloudstack-signature.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";

const longestExpiry = 15 * 60 * 1000;

/** Who calls. A wrong key, signature or expiry and a caller who may not log in all look the same from outside. */
export function authenticate(
  store: CloudStackStore,
  clock: LabClock,
  params: ReadonlyMap<string, string>,
): Call["caller"] {
  const apiKey = authParam(params, "apikey");
  const signature = authParam(params, "signature");
  if (apiKey === undefined || signature === undefined) throw unauthorized();
  assertNotExpired(store, clock, params);
  const user = [...store.users.values()].find((candidate) => candidate.apiKey === apiKey);
  const account = user && store.accounts.get(user.accountId);
  if (user === undefined || account === undefined || user.secretKey === null) throw unauthorized();
  if (user.state !== "enabled" || account.state !== "enabled") throw unauthorized();
  if (!isSignature(signature, params, user.secretKey)) throw unauthorized();
  return { user, account };
}

function assertNotExpired({ options }: CloudStackStore, clock: LabClock, params: ReadonlyMap<string, string>): void {
  const enforced = isEnforced({ options });
  if (authParam(params, "signatureversion") !== "3") {
    if (enforced) throw unauthorized();
    return;
  }
  const expiry = expiryOf(authParam(params, "expires") ?? "");
  const left = (expiry ?? Number.NEGATIVE_INFINITY) - clock.now();
  if (left < 0 || (enforced && left > longestExpiry)) throw unauthorized();
}

/** Whether the setting of 4.21 counts that makes POST and expiry a duty. */
export function isEnforced({ options }: Pick<CloudStackStore, "options">): boolean {
  return options.enforcePostAndTimestamps && atLeast(options, [4, 21]);
}

export function mayCall({ account }: Call["caller"], { role }: CommandEntry): boolean {
  return role === "everyone" || account.type === 1 || (role === "domain-admin" && account.type === 2);
}

/** The text differs from that of a wrong key. */
export function roleDenied(command: string): ApiError {
  return new ApiError(
    401,
    `The given command '${command}' either does not exist, is not available for user, or not available from ip address '/127.0.0.1'.`,
  );
}
