import { randomBytes } from "node:crypto";
import type { LabClock } from "./clock.ts";
import { mayLogIn, SsoRefused, verifySso } from "./cloudian-sso.ts";
import { type CloudianStore, type User, userKey } from "./cloudian-store.ts";
import {
  type CertificateName,
  type LabReply,
  type LabRequest,
  notImplemented,
  type SimulatedSystem,
} from "./system.ts";

/** What the management console shares with the Admin API of the same system. */
export interface CmcSurroundings {
  readonly clock: LabClock;
  store(): CloudianStore;
  certificate(): CertificateName;
}

type Page = (request: LabRequest) => LabReply;

const base = "/Cloudian/";

const cookieName = "JSESSIONID";

/** The management console of a HyperStore: single sign-on, log-out, and pages that tell who is logged in. */
export class CloudianCmc implements SimulatedSystem {
  readonly name = "cloudian-cmc";
  readonly #around: CmcSurroundings;
  readonly #pages: Readonly<Record<string, Page>> = {
    "": (request) => this.#page(request, () => true),
    "admin.htm": (request) => this.#page(request, ({ userType }) => userType !== "User"),
    "explorer.htm": (request) => this.#page(request, () => true),
    "ssosecurelogin.htm": (request) => this.#logIn(request),
    "login.htm": () => logInPage,
    "error.htm": () => htmlPage(200, "<p>Something went wrong.</p>"),
    "logout.htm": (request) => this.#logOut(request),
  };

  constructor(around: CmcSurroundings) {
    this.#around = around;
  }

  handle(request: LabRequest): LabReply {
    const { path, method } = request;
    if (!path.startsWith(base)) return this.errorReply(404);
    const name = path.slice(base.length);
    const page = Object.hasOwn(this.#pages, name) ? this.#pages[name] : undefined;
    if (page === undefined || (method !== "GET" && method !== "HEAD")) return notImplemented(this.name, request);
    return page(request);
  }

  errorReply(status: number, reason = "The request failed."): LabReply {
    return htmlPage(status, `<h1>HTTP Status ${status}</h1><p>${escaped(reason)}</p>`);
  }

  /** Its session has ended. */
  expired(): LabReply {
    return redirection(`${base}login.htm`, `${cookieName}=none; Path=/Cloudian; HttpOnly`);
  }

  certificate(): CertificateName {
    return this.#around.certificate();
  }

  #logIn(request: LabRequest): LabReply {
    const store = this.#around.store();
    try {
      const { user, redirect } = verifySso(store, this.#around.clock, request);
      const location = consolePath(redirect);
      const token = randomBytes(16).toString("hex");
      store.cmcSessions.set(token, userKey(user.groupId, user.userId));
      return redirection(location, `${cookieName}=${token}; Path=/Cloudian; HttpOnly`);
    } catch (error) {
      if (error instanceof SsoRefused) return this.#refusal(store, error.message);
      throw error;
    }
  }

  /** No source tells how a console refuses. */
  #refusal(store: CloudianStore, reason: string): LabReply {
    const { ssoRefusal } = store.options;
    if (ssoRefusal === "status") return this.errorReply(403, `Single sign-on was refused: ${reason}.`);
    const page = { "login page": "login.htm", "error page": "error.htm", "late login page": "" }[ssoRefusal];
    return redirection(`${base}${page}`, `${cookieName}=none; Path=/Cloudian; HttpOnly`);
  }

  /** Nothing proves who asks: whoever leads a browser here ends its session. */
  #logOut(request: LabRequest): LabReply {
    this.#around.store().cmcSessions.delete(tokenOf(request) ?? "");
    const target = request.query?.get("redirect") ?? "";
    const location = URL.canParse(target) ? new URL(target).href : base;
    return redirection(location, `${cookieName}=; Path=/Cloudian; Max-Age=0; HttpOnly`);
  }

  #page(request: LabRequest, mayOpen: (user: User) => boolean): LabReply {
    const user = this.#userOf(request);
    if (user === undefined)
      return this.#around.store().options.ssoRefusal === "late login page"
        ? redirection(`${base}login.htm`, `${cookieName}=none; Path=/Cloudian; HttpOnly`)
        : logInPage;
    if (!mayOpen(user)) return this.errorReply(403, "Access is denied.");
    const { userId, groupId } = user;
    return htmlPage(200, `<p>Logged in as <b>${escaped(userId)}</b> of group <b>${escaped(groupId)}</b>.</p>`);
  }

  #userOf(request: LabRequest): User | undefined {
    const store = this.#around.store();
    const user = store.users.get(store.cmcSessions.get(tokenOf(request) ?? "") ?? "");
    return user !== undefined && mayLogIn(store, user) ? user : undefined;
  }
}

/** A page of the console; the target of a log-in is not signed, so nothing else may be one. */
function consolePath(redirect: string): string {
  const page = redirect.replace(/^\//, "");
  if (!/^[A-Za-z0-9._-]*$/.test(page)) throw new SsoRefused("the redirect leads out of the console");
  return `${base}${page}`;
}

function tokenOf({ headers }: LabRequest): string | undefined {
  const cookies = (headers.cookie ?? "").split(/; */).map((cookie) => cookie.split(/=(.*)/s));
  return cookies.find(([name]) => name === cookieName)?.[1];
}

function redirection(location: string, cookie: string): LabReply {
  return { status: 302, body: "", headers: { location, "set-cookie": cookie } };
}

function htmlPage(status: number, content: string): LabReply {
  const head = "<head><title>Cloudian Management Console</title></head>";
  const body = `<!DOCTYPE html><html>${head}<body>${content}</body></html>\n`;
  return { status, body, contentType: "text/html;charset=utf-8" };
}

const logInPage = htmlPage(200, "<form><p>Please log in.</p></form>");

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
