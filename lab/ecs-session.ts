import { randomBytes } from "node:crypto";
import { answer, type Call, type Operation, ownNamespace } from "./ecs-call.ts";
import { EcsRefused } from "./ecs-error.ts";
import { dropDeadTokens, type EcsStore } from "./ecs-store.ts";
import type { LabReply, LabRequest } from "./system.ts";

const tokenHeader = "X-SDS-AUTH-TOKEN";

const loginPage =
  "<!DOCTYPE html><html><head><title>ECS Portal</title></head><body><form>Please sign in.</form></body></html>";

/** Checks name and password, and gives a new token. */
export const logIn: Operation = (call) => {
  const { store, clock } = call;
  const { sessions, options } = store;
  assertPassword(call);
  const now = clock.now();
  dropDeadTokens(store, now);
  if (sessions.tokens.size >= options.tokenCap) {
    throw new EcsRefused(401, 4000, `Maximum number of tokens exceeded for user ${options.username}`);
  }
  const token = newToken();
  sessions.tokens.set(token, { created: now, used: now });
  sessions.logins += 1;
  const life = { "X-SDS-AUTH-MAX-AGE": String(options.tokenLifeSeconds), "X-SDS-AUTH-USERNAME": options.username };
  const headers = { [tokenHeader]: token, ...(options.maxAgeHeader ? life : {}) };
  return { ...answer(call, "loggedIn", { user: options.username }), headers };
};

/** Ends the token of the request; with `force` all, for which name and password will do, too. */
export const logOut: Operation = (call) => {
  const { store, query, request } = call;
  const { tokens } = store.sessions;
  const force = query.get("force") === "true";
  if (force && request.headers.authorization !== undefined && tokenOf(request) === undefined) assertPassword(call);
  else authenticate(call);
  const user = query.get("username") ?? store.options.username;
  if (user !== store.options.username) throw new EcsRefused(400, 1004, `Unable to find management user ${user}`);
  if (force) tokens.clear();
  else tokens.delete(tokenOf(request) ?? "");
  return answer(call, "LoggedOut", { user: store.options.username });
};

export const whoAmI: Operation = (call) => {
  const { options } = call.store;
  const recent = {
    last_login_time: "",
    user_must_reset_password: options.userMustResetPassword,
    user_password_has_expired: options.passwordHasExpired,
    password_expiry_day: options.passwordExpiryDay,
  };
  return answer(call, "user", {
    common_name: options.username,
    distinguished_name: "",
    namespace: options.role === "NAMESPACE_ADMIN" ? ownNamespace : "",
    roles: [options.role],
    last_time_password_changed: "",
    ...(options.release === "4.x" ? recent : {}),
  });
};

/** Refuses a request without a live token; use renews the idle time. */
export function authenticate({ store, request, clock }: Call): void {
  const { sessions, options } = store;
  const now = clock.now();
  dropDeadTokens(store, now);
  const token = sessions.tokens.get(tokenOf(request) ?? "");
  if (token === undefined)
    throw new EcsRefused(401, 4000, "Authentication required: the token is missing or not valid");
  sessions.served += 1;
  if (options.strangerEvery > 0 && sessions.served % options.strangerEvery === 0) {
    throw new EcsRefused(401, 4000, "Authentication required: the token is not known to this node");
  }
  token.used = now;
}

/** Ends the token of the request before its time. */
export function endToken({ sessions }: EcsStore, request: LabRequest): void {
  sessions.tokens.delete(tokenOf(request) ?? "");
}

/** What a request with a dead token gets, where the option asks for a redirect. */
export function redirectToLogin(): LabReply {
  return { status: 302, body: loginPage, contentType: "text/html", headers: { location: "/login" } };
}

export function newToken(): string {
  return randomBytes(48).toString("base64");
}

function tokenOf({ headers }: LabRequest): string | undefined {
  const header = headers[tokenHeader.toLowerCase()];
  if (typeof header === "string") return header;
  const cookies = (headers.cookie ?? "").split(/; */).map((cookie) => cookie.split(/=(.*)/s));
  return cookies.find(([name]) => name === tokenHeader)?.[1];
}

/** Counts wrong passwords: too many in a row lock the user, for the right one as well. */
function assertPassword({ store, request }: Call): void {
  const { sessions, options } = store;
  const [scheme, value = ""] = (request.headers.authorization ?? "").split(" ");
  const [user, password] = Buffer.from(value, "base64").toString("utf8").split(/:(.*)/s);
  const known = scheme === "Basic" && user === options.username;
  if (known && password !== options.password) {
    sessions.failures += 1;
    if (sessions.failures >= options.maxLoginAttempts) sessions.locked = true;
  }
  if (!known || password !== options.password) throw new EcsRefused(401, 4000, "Invalid user name or password");
  if (sessions.locked) throw new EcsRefused(401, 4000, `User ${options.username} is locked`);
  sessions.failures = 0;
}
