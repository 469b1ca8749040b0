import type { LabRequestRecord } from "../../lab.ts";
import type { Properties } from "../../provider-client.ts";
import type { Arena } from "../arena.ts";
import { type Ended, LittleEngine } from "../little-engine.ts";
import type { LiveEstate } from "../live-estate.ts";
import { type Change, changed, derivedInputs, fillMade, type Specimen } from "../specimen.ts";
import { pictureOf } from "./picture.ts";

/** The operations of one life, each of which begins where the one before has ended. */
export const stages = ["create", "refresh", "change", "delete"] as const;

export type Stage = (typeof stages)[number];

/** What an object is and what becomes of it. */
export interface Plan {
  readonly specimen: Specimen;
  readonly naming: "given" | "derived";
  readonly change: Change;
}

/**
 * Long enough for a machine that is busy with other tests, so that nothing is late but what shall be; short enough for
 * hundreds of requests that never get an answer.
 */
export const patience = { requestSeconds: 3, callSeconds: 12 };

type Patience = typeof patience;

/** For what no fault hits: a busy machine is no reason to send a request again, and none to fail. */
const endless: Patience = { requestSeconds: 60, callSeconds: 120 };

/** One object in an arena, from its creation to its end. */
export class Life {
  readonly arena: Arena;
  readonly engine = new LittleEngine();
  readonly #plan: Plan;

  private constructor(arena: Arena, plan: Plan) {
    this.arena = arena;
    this.#plan = plan;
  }

  /** Everything is as at the start, and every list is longer than a page. */
  static async begin(arena: Arena, plan: Plan): Promise<Life> {
    await arena.control.reset();
    await arena.control.patch("ecs", { options: { maxPage: 1 } });
    await arena.control.patch("cloudstack", { options: { defaultPageSize: pageSizeFor(plan.specimen) } });
    await plan.specimen.seed(arena);
    return new Life(arena, plan);
  }

  /** What others do before a stage. */
  async prepare(stage: Stage): Promise<void> {
    if (stage === "refresh") await fillMade(this.#plan.specimen, this.arena, this.engine);
  }

  /** The command under test; run once more, it is what a user does after a failure. */
  async run(stage: Stage, waits: Patience = endless): Promise<Ended> {
    return await this.arena.withProcess(settingsFor(waits), (process) => {
      if (stage === "refresh") return this.engine.refresh(process);
      if (stage === "delete") return this.engine.destroy(process);
      return this.engine.up(process, this.#program(stage));
    });
  }

  /** A plain `pulumi up` with what is declared after the stage; there is none once everything is destroyed. */
  async settle(stage: Stage): Promise<Ended> {
    if (stage === "delete") return { ok: true, errors: [], steps: [] };
    return await this.arena.withProcess(settingsFor(endless), (process) =>
      this.engine.up(process, this.#program(stage)),
    );
  }

  /** What all systems hold now. */
  async picture(): Promise<LiveEstate> {
    const { control, lab } = this.arena;
    return pictureOf(await control.state(), lab.addresses, this.engine.entries);
  }

  async requestsOf(work: () => Promise<Ended>): Promise<readonly LabRequestRecord[]> {
    return await this.arena.requestsOf(async () => {
      const { errors } = await work();
      if (errors.length > 0) throw new Error(`Without any fault: ${errors.join("\n")}`);
    });
  }

  #program(stage: Stage) {
    const { specimen, change } = this.#plan;
    const inputs = this.#inputs();
    return [{ name: "it", kind: specimen.kind, inputs: stage === "change" ? changed(inputs, change) : inputs }];
  }

  #inputs(): Properties {
    const { specimen, naming } = this.#plan;
    const given = specimen.inputs(this.arena);
    return (naming === "derived" ? derivedInputs(specimen, this.arena) : undefined) ?? given;
  }
}

function settingsFor({ requestSeconds, callSeconds }: Patience): Properties {
  return { requestTimeoutSeconds: `${requestSeconds}`, operationTimeoutSeconds: `${callSeconds}` };
}

/** There are about 45 settings, and two or three of everything else. */
function pageSizeFor({ kind }: Specimen): number {
  return kind === "GlobalSetting" ? 30 : 1;
}
