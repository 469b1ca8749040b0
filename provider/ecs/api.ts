import { connectionTo } from "../core/connections.ts";
import { OutcomeUnknown, Refused, UnexpectedAnswer } from "../core/errors.ts";
import { type Call, HttpClient, withoutObject } from "../core/http.ts";
import type { EcsSettings } from "../core/settings.ts";
import { answerOf, type EcsAnswer } from "./answers.ts";
import { settingPrefix } from "./prefix.ts";
import { Session } from "./session.ts";

/** Statuses with which the array answers for itself; which of them means what is the caller's to say. */
const ownAnswers = [200, 201, 202, 204, 400, 403, 404, 405, 409, 501];

export type EcsCall = Omit<Call, "answers" | "secretQuery">;

/** The management API: log-in, formats, and a role that is too small (reference: ECS management API, 1). */
export class EcsApi {
  readonly endpoint: string;
  readonly #http: HttpClient;
  readonly #username: string;

  constructor(settings: EcsSettings) {
    this.endpoint = settings.endpoint;
    this.#username = settings.username;
    this.#http = new HttpClient(settings, settingPrefix, new Session(settings));
  }

  async ask(call: EcsCall): Promise<EcsAnswer> {
    const answer = answerOf(await this.#http.send({ ...call, answers: ownAnswers }));
    if (!answer.error && !isDocument(answer.body)) {
      const text = `Could not ${call.what}: ${this.endpoint} answered ${answer.said()}, which is nothing that ECS says. Is there a proxy or another service at this address?`;
      throw call.effect === "once" ? new OutcomeUnknown(text) : new UnexpectedAnswer(text, answer.status);
    }
    // Whatever makes something says what it has made (reference: 3 to 5).
    if (!answer.error && call.effect === "once" && answer.body.trim() === "")
      throw withoutObject(call.what, `${this.endpoint} answered ${answer.status}`);
    if (answer.status === 403)
      throw new Refused(
        `Could not ${call.what}: ${this.endpoint} answered ${answer.said()}. The management user ${this.#username} may not ` +
          `do this; it needs the role System Admin, or Namespace Admin of this namespace where that is enough.`,
      );
    return answer;
  }

  /** For calls that have nothing to answer but success. */
  async order(call: EcsCall): Promise<void> {
    const answer = await this.ask(call);
    if (answer.error) throw this.refusal(call.what, answer);
  }

  refusal(what: string, answer: EcsAnswer, advice = ""): UnexpectedAnswer {
    return new UnexpectedAnswer(
      `Could not ${what}: ${this.endpoint} answered ${answer.said()}.${advice === "" ? "" : ` ${advice}`}`,
      answer.status,
    );
  }
}

/** Success comes without a body, or as JSON or XML, whatever was asked for. */
function isDocument(body: string): boolean {
  return /^\s*($|[[{<"]|null\s*$)/.test(body);
}

/** A name as one segment of a path; ECS allows `/ @ + = ?` and others in user names. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}

/** One for all kinds of a process: they share the log-in and what it has looked up. */
export function sharedWith<T>(settings: EcsSettings, open: (settings: EcsSettings) => T): T {
  return connectionTo(settings, settingPrefix, open);
}
