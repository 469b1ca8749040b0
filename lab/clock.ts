import { LabError } from "./errors.ts";

/** The time that the simulated systems see. It runs with the machine's clock until somebody moves or stops it. */
export class LabClock {
  #offset = 0;
  #stoppedAt: number | undefined;
  #lastStamp = Number.NEGATIVE_INFINITY;

  get running(): boolean {
    return this.#stoppedAt === undefined;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#stoppedAt ?? Date.now() + this.#offset;
  }

  /** The time for something that is made now: no two things share it, unless the clock stands. */
  stamp(): number {
    if (!this.running) return this.now();
    this.#lastStamp = Math.max(this.now(), this.#lastStamp + 1);
    return this.#lastStamp;
  }

  /** Applies the body of `POST /clock`. */
  apply(change: Record<string, unknown>): void {
    const { advanceSeconds, now, running, ...rest } = change;
    const unknown = Object.keys(rest)[0];
    if (unknown !== undefined) throw new LabError(`"${unknown}" is not known here. ${usage}`);
    if ((advanceSeconds === undefined) === (now === undefined) && running === undefined) throw new LabError(usage);
    if (advanceSeconds !== undefined && now !== undefined) throw new LabError(usage);
    if (running !== undefined && typeof running !== "boolean")
      throw new LabError(`"running" is true or false. ${usage}`);
    const target = targetTime(this.now(), advanceSeconds, now);
    if (target !== undefined) this.#moveTo(target);
    if (running === false) this.#stoppedAt = this.now();
    if (running === true) this.#start();
  }

  reset(): void {
    this.#offset = 0;
    this.#stoppedAt = undefined;
    this.#lastStamp = Number.NEGATIVE_INFINITY;
  }

  #moveTo(time: number): void {
    this.#offset = time - Date.now();
    if (this.#stoppedAt !== undefined) this.#stoppedAt = time;
    this.#lastStamp = Number.NEGATIVE_INFINITY;
  }

  #start(): void {
    if (this.#stoppedAt === undefined) return;
    this.#offset = this.#stoppedAt - Date.now();
    this.#stoppedAt = undefined;
  }
}

const usage =
  'Send {"advanceSeconds": 60} or {"now": "2026-01-31T12:00:00Z"}, and {"running": false} to make the clock stand.';

const latest = Date.parse("9999-12-31T23:59:59.999Z");

function targetTime(current: number, advanceSeconds: unknown, now: unknown): number | undefined {
  if (advanceSeconds === undefined && now === undefined) return undefined;
  const target =
    now === undefined
      ? current + (typeof advanceSeconds === "number" ? advanceSeconds * 1000 : Number.NaN)
      : Date.parse(typeof now === "string" ? now : "");
  if (!(target >= 0 && target <= latest)) throw new LabError(`That is not a time. ${usage}`);
  return Math.round(target);
}
