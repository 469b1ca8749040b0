import { OutcomeUnknown, Refused, Unauthorized, UnexpectedAnswer } from "../core/errors.ts";
import { HttpClient, quoted, withoutObject } from "../core/http.ts";
import type { Effect } from "../core/retry.ts";
import type { CloudStackSettings } from "../core/settings.ts";
import type { Answer } from "../core/transport.ts";
import { saysAbsent } from "./absence.ts";
import { ApiFailure, contentOf, failureIn, flagIn, type Item, itemsOf, saidIn, textIn } from "./answers.ts";
import { resultOf } from "./jobs.ts";
import { everyPage, provenComplete } from "./paging.ts";
import { settingPrefix } from "./prefix.ts";
import { Release, releaseOf } from "./release.ts";
import { SignedRequests } from "./signed.ts";

/** Statuses with which CloudStack answers for itself (reference: CloudStack API, 1.5); 429 and 503 pass. */
const ownAnswers = [200, 400, 401, 405, 411, 430, 431, 432, 530, 531, 532, 533, 534, 535, 536, 537];

export type Parameters = Readonly<Record<string, string>>;

export interface Command {
  /** For messages, as an infinitive. */
  readonly what: string;
  readonly command: string;
  readonly parameters?: Parameters;
}

export interface Change extends Command {
  readonly effect: Exclude<Effect, "log-in" | "read">;
  readonly slow?: true;
}

/** CloudStack's API: signing, envelopes, pages, jobs and what a refusal means (reference: CloudStack API, 1 and 2). */
export class CloudStackApi {
  readonly endpoint: string;
  readonly #http: HttpClient;
  #release: Promise<Release> | undefined;

  constructor(settings: CloudStackSettings) {
    this.endpoint = settings.endpoint;
    this.#http = new HttpClient(settings, settingPrefix, new SignedRequests(settings));
  }

  /**
   * Asked once, before anything else: every caller may ask it, so that a refusal of it means the key, and a refusal of
   * another command the command. A refused key is not offered again in this process.
   */
  async release(): Promise<Release> {
    this.#release ??= this.#askRelease();
    const asked = this.#release;
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof Unauthorized) && this.#release === asked) this.#release = undefined;
      throw error;
    }
  }

  /** One object or answer that is read. */
  async read(call: Command): Promise<Item> {
    await this.release();
    return await this.#send(call, { method: "GET", effect: "read" });
  }

  /** Everything that a list holds; throws where the pages do not add up to what the list says. */
  async list(call: Command, itemName: string): Promise<Item[]> {
    await this.release();
    return await everyPage(call.what, itemName, this.#pagesOf(call));
  }

  /** The same where what is missing would be taken for gone. */
  async wholeList(call: Command, itemName: string): Promise<Item[]> {
    await this.release();
    return await provenComplete(call.what, itemName, this.#pagesOf(call));
  }

  #pagesOf(call: Command): (page: Parameters) => Promise<Item> {
    return (page) =>
      this.#send({ ...call, parameters: { ...call.parameters, ...page } }, { method: "GET", effect: "read" });
  }

  /** A command that changes something; the result of its job, where it answers with one. */
  async order(call: Change): Promise<Item> {
    await this.release();
    const answer = await this.#send(call, {
      method: "POST",
      effect: call.effect,
      ...(call.slow ? { slow: call.slow } : {}),
    });
    const jobId = textIn(answer, "jobid");
    return this.#succeeded(jobId === undefined ? answer : await this.#resultOf(jobId, call.what), call.what);
  }

  /**
   * A command that answers with the object that it is about. Where the answer lacks it, the work may have been done all
   * the same, so that somebody has to look.
   */
  async orderObject(call: Change, name: string): Promise<Item> {
    const item = (await this.order(call))[name];
    if (typeof item === "object" && item !== null && textIn(item as Item, "id")) return item as Item;
    throw withoutObject(call.what, `${this.endpoint} answered`);
  }

  async #resultOf(jobId: string, what: string): Promise<Item> {
    return await resultOf(jobId, what, this.endpoint, (jobid) =>
      this.#send(
        { what: `ask for the job to ${what}`, command: "queryAsyncJobResult", parameters: { jobid } },
        { method: "GET", effect: "read" },
      ),
    );
  }

  /** A command that has nothing to show says whether it went well, under 200 either way. */
  #succeeded(answer: Item, what: string): Item {
    if (answer["success"] === undefined || flagIn(answer, "success")) return answer;
    const said = textIn(answer, "displaytext") ?? "";
    throw new ApiFailure(
      `Could not ${what}: ${this.endpoint} answered that it was no success${quoted(said)}.`,
      200,
      said,
    );
  }

  /** `ApiFailure` is what CloudStack says where it refuses; what is gone already is deleted. */
  async remove(call: Command): Promise<"deleted" | ApiFailure> {
    try {
      await this.order({ ...call, effect: "repeatable" });
      return "deleted";
    } catch (error) {
      if (saysAbsent(error)) return "deleted";
      if (error instanceof ApiFailure && error.status === 431) return error;
      throw error;
    }
  }

  async #askRelease(): Promise<Release> {
    const what = "read the capabilities of CloudStack";
    const answer = await this.#answer({ what, command: "listCapabilities" }, { method: "GET", effect: "read" });
    if (answer.status === 401) throw this.#refusedKey(what, answer);
    const content = this.#content(answer, what);
    const capability = content["capability"];
    const version =
      typeof capability === "object" && capability !== null
        ? textIn(capability as Item, "cloudstackversion")
        : undefined;
    await this.#requirePlainAnswers();
    return new Release(version ?? "unknown");
  }

  /** Encoded values look like plain ones, and written back they would change for ever. Not every caller may ask. */
  async #requirePlainAnswers(): Promise<void> {
    const name = "encode.api.response";
    const call = { what: `read setting ${name}`, command: "listConfigurations", parameters: { name } };
    const answer = await this.#answer(call, { method: "GET", effect: "read" });
    if (answer.status !== 200) return;
    const found = itemsOf(contentOf(answer, call.what, this.endpoint), "configuration");
    // Until a restart the value says what will be. The description has blanks, so that it shows what is.
    const isOn = (item: Item) =>
      flagIn(item, "value") || /^[^ ]*(%20|\+)[^ ]*$/.test(textIn(item, "description") ?? "");
    if (!found.some((item) => item["name"] === name && isOn(item))) return;
    throw new Refused(
      `${this.endpoint} URL-encodes what it answers (global setting ${name}), so that no value can be told for certain. Nothing was read or changed. ` +
        `Set it to false and restart the management servers.`,
    );
  }

  async #send(call: Command, how: Sending): Promise<Item> {
    const answer = await this.#answer(call, how);
    if (answer.status === 401) throw await this.#refusedCommand(call, answer);
    try {
      return this.#content(answer, call.what);
    } catch (error) {
      // What cannot be understood may have been done all the same.
      if (how.effect === "once" && error instanceof UnexpectedAnswer) throw new OutcomeUnknown(error.message);
      throw error;
    }
  }

  async #answer({ what, command, parameters }: Command, how: Sending): Promise<Answer> {
    const all = { ...parameters, command, response: "json" };
    const carried = how.method === "GET" ? { query: all } : { form: all };
    return await this.#http.send({ what, path: "", answers: ownAnswers, ...how, ...carried });
  }

  #content(answer: Answer, what: string): Item {
    const content = contentOf(answer, what, this.endpoint);
    const failure = answer.status === 200 ? undefined : failureIn(content, what, this.endpoint);
    if (failure) throw failure;
    if (answer.status === 200) return content;
    throw new ApiFailure(
      `Could not ${what}: ${this.endpoint} answered ${answer.status}${quoted(answer.body)}.`,
      answer.status,
      "",
    );
  }

  #refusedKey(what: string, answer: Answer): Unauthorized {
    return new Unauthorized(
      `Could not ${what}: ${this.endpoint} answered 401${saidIn(answer)}. Check ${settingPrefix}ApiKey and ${settingPrefix}SecretKey ` +
        `(they are not tried again in this run), that the user and its account are enabled, and that this address may use the key. ` +
        `refresh and destroy use the configuration that the last pulumi up has recorded: after a change of keys give ` +
        `--run-program, or use ${settingPrefix}SecretKeyEnv, which is read live.`,
    );
  }

  /** The key is right, so it is the command: CloudStack says "unknown" and "not allowed" with the status of a wrong key. */
  async #refusedCommand({ what, command }: Command, answer: Answer): Promise<Refused> {
    const release = await this.release();
    const since = releaseOf(command);
    const said = `Could not ${what}: ${this.endpoint} (CloudStack ${release.text}) answered 401 to ${command}`;
    if (since !== undefined && !release.isAtLeast(since))
      return new Refused(
        `${said}, which came with CloudStack ${since}. Remove what needs it from the program, or upgrade CloudStack.`,
      );
    return new Refused(
      `${said}${saidIn(answer)}. The API key itself works; its role may not call this command` +
        `${since === undefined ? "" : `, or this build lacks it (it came with CloudStack ${since})`}. Use the key of a root administrator.`,
    );
  }
}

interface Sending {
  readonly method: "GET" | "POST";
  readonly effect: Effect;
  readonly slow?: true;
}
