import { messageOf, SettingsError } from "../../core/errors.ts";
import { type Check, type Context, type Found, type SystemName, systemNames, systemTitles } from "./finding.ts";

interface Reason {
  readonly about: readonly string[];
  readonly text: string;
}

/** Makes checks one after the other, as long as what they need holds and there is time. */
export class CheckRunner {
  readonly #timeoutSeconds: number;
  /** Why what builds on a check, `system/name`, cannot be asked: of what it was said, and what. */
  readonly #reasons = new Map<string, Reason>();
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(timeoutSeconds: number) {
    this.#timeoutSeconds = timeoutSeconds;
  }

  readonly once = <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    const answer = (this.#answers.get(what) as Promise<T> | undefined) ?? ask();
    this.#answers.set(what, answer);
    return answer;
  };

  /** What the check has found; where it could not be made or ended, with a last finding that says why. */
  async run(system: SystemName, check: Check, context: Context): Promise<Found[]> {
    const reason = this.#whyNot(system, check, context);
    const found: Found[] = [];
    if (reason === undefined) await Promise.race([collect(check, context, found), this.#end(check, context, found)]);
    else found.push(notMade(check, reason));
    if (found.some(({ stops }) => stops)) this.#reasons.set(`${system}/${check.name}`, reason ?? reasonIn(found));
    // What a check that is out of time still finds is not told.
    return [...found];
  }

  #whyNot(system: SystemName, { needs = [] }: Check, { signal }: Context): Reason | undefined {
    const reasons = needs.map((need) => this.#reasonOf(system, need));
    return reasons.find((reason) => reason !== undefined) ?? (signal.aborted ? this.#outOfTime() : undefined);
  }

  #reasonOf(system: SystemName, need: string): Reason | undefined {
    const other = systemNames.find((name) => need.startsWith(`${name}/`));
    const reason = this.#reasons.get(other === undefined ? `${system}/${need}` : need);
    if (other === undefined || reason === undefined) return reason;
    return { about: [systemTitles[other], ...reason.about], text: reason.text };
  }

  async #end(check: Check, { signal }: Context, found: Found[]): Promise<void> {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    found.push(notMade(check, this.#outOfTime()));
  }

  #outOfTime(): Reason {
    return { about: [], text: `The ${this.#timeoutSeconds} s of --timeout are used up.` };
  }
}

async function collect(check: Check, context: Context, found: Found[]): Promise<void> {
  try {
    for await (const each of await check.run(context)) {
      if (context.signal.aborted) return;
      found.push(each);
    }
  } catch (error) {
    if (context.signal.aborted) return;
    const next = "Settle what the message says; with CLOUDSTACK_STORAGE_DEBUG=1 each request is shown.";
    // Settings that cannot be used are wrong for certain.
    const verdict = error instanceof SettingsError ? "failed" : "not known";
    found.push({ ...named(check), verdict, text: messageOf(error), next, stops: true });
  }
}

function notMade(check: Check, { about, text }: Reason): Found {
  const start = about.length === 0 ? "" : `${about.join(", ")}: `;
  return {
    ...named(check),
    verdict: "not known",
    text: `Not asked. ${start}${text}`,
    next: "Settle that first.",
    stops: true,
  };
}

function named({ name, subject }: Check): Pick<Found, "check" | "subject"> {
  return { check: name, ...(subject === undefined ? {} : { subject }) };
}

function reasonIn(found: readonly Found[]): Reason {
  const worst = found.find(({ verdict }) => verdict === "failed") ?? found.find(({ stops }) => stops);
  return { about: worst?.subject === undefined ? [] : [worst.subject], text: worst?.text ?? "" };
}
