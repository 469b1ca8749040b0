import { randomBytes } from "node:crypto";
import type { LabClock } from "./clock.ts";
import { domainOf, internalPathOf } from "./cloudstack-directory.ts";
import type { User } from "./cloudstack-directory-store.ts";
import { ApiError } from "./cloudstack-error.ts";
import { type Form, failureReply, successReply } from "./cloudstack-reply.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";
import type { LabReply, LabRequest } from "./system.ts";

interface SessionCall {
  readonly store: CloudStackStore;
  readonly clock: LabClock;
  readonly request: LabRequest;
  /** Those of the query and of a form body. */
  readonly params: ReadonlyMap<string, string>;
}

const cookieName = "JSESSIONID";

/** The log-in and log-out of the user interface, and its page; undefined for every other request. */
export function handleSession(call: SessionCall): LabReply | undefined {
  const { request, params } = call;
  if (request.path === "/client" || request.path === "/client/") {
    return request.method === "GET" ? interfacePage(call) : undefined;
  }
  if (request.path !== "/client/api") return undefined;
  if (params.get("command") === "login") return logIn(call);
  return params.get("command") === "logout" ? logOut(call) : undefined;
}

function logIn(call: SessionCall): LabReply {
  const { store, params } = call;
  const username = params.get("username") ?? "";
  const path = `/${params.get("domain") ?? ""}/`.replaceAll(/\/+/g, "/");
  const user = [...store.users.values()].find((one) => one.username === username && pathOfUser(store, one) === path);
  if (user === undefined || user.password !== params.get("password") || !mayLogIn(store, user)) {
    const text = `Failed to authenticate user ${username} in domain ${path}; please provide valid credentials`;
    return failureReply(formOf(call), "loginresponse", new ApiError(531, text, 4365));
  }
  const token = randomBytes(16).toString("hex");
  const sessionKey = randomBytes(20).toString("base64url");
  store.sessions.set(token, { userId: user.id, sessionKey });
  const reply = successReply(formOf(call), "loginresponse", { ...logInDocument(store, user), sessionkey: sessionKey });
  return withCookie(reply, `${cookieName}=${token}; Path=/client; HttpOnly`);
}

/** Succeeds without a session, too. */
function logOut(call: SessionCall): LabReply {
  call.store.sessions.delete(tokenOf(call.request) ?? "");
  const reply = successReply(formOf(call), "logoutresponse", { description: "success" });
  return withCookie(reply, `${cookieName}=; Path=/client; Max-Age=0; HttpOnly`);
}

function interfacePage({ store, request }: SessionCall): LabReply {
  const session = store.sessions.get(tokenOf(request) ?? "");
  const user = session && store.users.get(session.userId);
  const content =
    user === undefined || !mayLogIn(store, user)
      ? '<form id="login"><p>Please log in.</p></form>'
      : `<p>Logged in as <b>${user.username.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</b>.</p>`;
  const body = `<!DOCTYPE html><html><head><title>Apache CloudStack</title></head><body>${content}</body></html>\n`;
  return { status: 200, body, contentType: "text/html;charset=utf-8" };
}

function logInDocument(store: CloudStackStore, user: User): object {
  const account = store.accounts.get(user.accountId);
  return {
    username: user.username,
    userid: user.id,
    domainid: account?.domainId,
    timeout: 1800,
    account: account?.name,
    firstname: user.firstName,
    lastname: user.lastName,
    type: String(account?.type),
    registered: "false",
  };
}

function pathOfUser(store: CloudStackStore, user: User): string | undefined {
  const account = store.accounts.get(user.accountId);
  return account && internalPathOf(store, domainOf(store, account));
}

function mayLogIn(store: CloudStackStore, user: User): boolean {
  return user.state === "enabled" && store.accounts.get(user.accountId)?.state === "enabled";
}

function formOf({ store, params }: SessionCall): Form {
  return { json: params.get("response") === "json", options: store.options };
}

function withCookie(reply: LabReply, cookie: string): LabReply {
  return { ...reply, headers: { ...reply.headers, "set-cookie": cookie } };
}

function tokenOf({ headers }: LabRequest): string | undefined {
  const cookies = (headers.cookie ?? "").split(/; */).map((cookie) => cookie.split(/=(.*)/s));
  return cookies.find(([name]) => name === cookieName)?.[1];
}
