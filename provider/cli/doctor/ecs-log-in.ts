import { messageOf, Unauthorized } from "../../core/errors.ts";
import { EcsClient } from "../../ecs/client.ts";
import type { Caller } from "../../ecs/lookups.ts";
import type { Context, Found } from "./finding.ts";

const subject = "management API";

const dayMs = 86_400_000;

/** An operator needs some notice. */
const soonMs = 14 * dayMs;

/** One log-in, never a second one: the array locks the user after three wrong passwords. */
export async function* logInFindings({ settings, now }: Context): AsyncGenerator<Found> {
  const { username } = settings.ecs();
  try {
    const caller = await EcsClient.of(settings).lookups.caller();
    yield { subject, check: "log-in", verdict: "ok", text: `User ${username} is accepted.` };
    yield* passwordFindings(username, caller, now());
    yield { subject, ...roleFinding(username, caller, settings.ecsNamespace()) };
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    yield { subject, check: "log-in", stops: true, ...refusalOf(username, messageOf(error)) };
  }
}

/** All refusals have one status and one code; what the array says beside them tells more, if it does. */
function refusalOf(username: string, message: string): Omit<Found, "check"> {
  const verdict = "failed";
  const said = /answered (.*?)\. (?:Check|The user holds|Behind)/.exec(message)?.[1] ?? "401";
  if (message.includes("The user holds as many tokens"))
    return {
      verdict,
      text: `User ${username} holds as many tokens as the array allows (${said}).`,
      next: "Log out other programs that use it, or give this one a management user of its own. Tokens end after two idle hours.",
    };
  if (/\block/i.test(said))
    return {
      verdict,
      text: `User ${username} is locked (${said}).`,
      next: `Find out who offers a wrong password, correct it there, then unlock the user: in the ECS Portal, or PUT /vdc/users/${username}/unlock by a System Admin.`,
    };
  if (message.includes("to a token that it has just given out"))
    return {
      verdict,
      text: `The array refuses a token that it has just given out (${said}).`,
      next: "Behind a load balancer one node may not know the tokens of another: let ecsEndpoint name one node, or keep a client on one node.",
    };
  return {
    verdict,
    text: `The log-in of user ${username} is refused (${said}).`,
    next:
      "Check ecsUsername and ecsPassword before anything tries again: the third wrong password locks the user. Some arrays answer a locked " +
      "user like this as well: where the password is right, look in the ECS Portal whether it is locked.",
  };
}

/** Releases before 4 tell nothing of it. */
function* passwordFindings(username: string, caller: Caller, now: number): Generator<Found> {
  const check = "password";
  const { mustResetPassword, passwordHasExpired, passwordExpiryDay } = caller;
  const next = `Log in to the ECS Portal as ${username}, set a new password, and configure it as ecsPassword.`;
  if (mustResetPassword || passwordHasExpired) {
    const text = passwordHasExpired
      ? `The password of ${username} has expired.`
      : `The array wants a new password of ${username} before anything else.`;
    yield { subject, check, verdict: "failed", text, next, stops: true };
    return;
  }
  if (passwordExpiryDay === "") return;
  const day = /^\d{4}-\d{2}-\d{2}/.test(passwordExpiryDay) ? Date.parse(passwordExpiryDay) : Number.NaN;
  const text = `The array says that the password of ${username} ends on ${passwordExpiryDay}.`;
  if (day - now < soonMs) yield { subject, check, verdict: "warning", text, next };
  else yield { subject, check, verdict: "ok", text };
}

function roleFinding(username: string, { roles, namespace }: Caller, wanted: string | undefined): Found {
  const check = "role";
  if (roles.includes("SYSTEM_ADMIN")) return { check, verdict: "ok", text: `${username} is System Admin.` };
  if (roles.includes("NAMESPACE_ADMIN")) {
    if (wanted !== undefined && namespace !== wanted)
      return {
        check,
        verdict: "failed",
        text: `${username} is Namespace Admin of ${namespace === "" ? "no namespace" : namespace}, and ecsNamespace is ${wanted}.`,
        next: "Correct ecsNamespace, or use a Namespace Admin of it or a System Admin.",
      };
    return {
      check,
      verdict: "warning",
      text: `${username} is Namespace Admin of ${namespace}: enough to make and change object users and buckets there, not to delete them.`,
      next: "Use a System Admin where object users or buckets are to be deleted; buckets are listed and deleted by that role only.",
    };
  }
  const has = roles.length === 0 ? "no role" : `the role ${roles.join(", ")}`;
  const reads = roles.includes("SYSTEM_MONITOR")
    ? ": it may read buckets, which is enough for a drift report of them, not the keys of users, and change nothing"
    : "";
  return {
    check,
    verdict: "failed",
    text: `${username} has ${has}${reads}.`,
    next: "Give the user the role System Admin, or use another one.",
  };
}
