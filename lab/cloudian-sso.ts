import { createHmac, timingSafeEqual } from "node:crypto";
import type { LabClock } from "./clock.ts";
import { type CloudianStore, type User, userKey } from "./cloudian-store.ts";
import type { LabRequest } from "./system.ts";

/** The log-in is refused; the reason goes into the page. */
export class SsoRefused extends Error {
  override readonly name = "SsoRefused";
}

/** Who a single-sign-on URL logs in, and where it leads. */
export interface SsoTicket {
  readonly user: User;
  readonly redirect: string;
}

/** Exactly these parameters in this order; what is signed is the query as it came, without any decoding. */
const form = /^(?<signed>user=[^&]+&group=[^&]+&timestamp=[0-9]{1,15})&signature=[^&]+&redirect=[^&]+$/;

/** Refuses a single-sign-on URL that the holder of the shared key did not make just now, for this user. */
export function verifySso(store: CloudianStore, clock: LabClock, { rawQuery, query }: LabRequest): SsoTicket {
  const { ssoEnabled, ssoKey, ssoWindowSeconds, ssoReplay } = store.options;
  if (!ssoEnabled) throw new SsoRefused("single sign-on is switched off");
  const signed = form.exec(rawQuery)?.groups?.["signed"];
  if (signed === undefined || query === undefined) throw new SsoRefused("the parameters are not those of a log-in");
  const signature = query.get("signature") ?? "";
  if (!sameText(signature, ssoSignature(signed, ssoKey))) throw new SsoRefused("the signature does not match");
  const age = clock.now() - Number(query.get("timestamp"));
  if (Math.abs(age) > ssoWindowSeconds * 1000) throw new SsoRefused("the timestamp is too far from now");
  if (ssoReplay === "refuse" && store.ssoUsed.has(signature)) throw new SsoRefused("the log-in was used before");
  const user = store.users.get(userKey(query.get("group") ?? "", query.get("user") ?? ""));
  if (user === undefined || !mayLogIn(store, user)) throw new SsoRefused("there is no such active user");
  store.ssoUsed.add(signature);
  return { user, redirect: query.get("redirect") ?? "" };
}

/** An inactive group keeps its users out, too. */
export function mayLogIn(store: CloudianStore, { active, groupId }: User): boolean {
  return active === "true" && store.groups.get(groupId)?.active === "true";
}

/** What signs a log-in. */
function ssoSignature(signed: string, key: string): string {
  return createHmac("sha1", Buffer.from(key, "utf8")).update(signed, "utf8").digest("base64");
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
