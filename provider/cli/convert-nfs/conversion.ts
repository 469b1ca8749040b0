import { setTimeout as wait } from "node:timers/promises";
import { detailsToSend, urlOf } from "../../cloudstack/store-details.ts";
import { messageOf, NoAnswer, OutcomeUnknown, StorageError, UnexpectedAnswer, Unreachable } from "../../core/errors.ts";
import { beforeLeaving } from "../../core/farewell.ts";
import { withinOperation } from "../../core/operation.ts";
import { redact } from "../../core/redact.ts";
import type { Settings } from "../../core/settings.ts";
import { tell } from "../terminal.ts";
import { lookAfterwards, type Outcome, outcomeText, type Said } from "./outcome.ts";
import type { Plan } from "./preflight.ts";

/** The command may take two minutes; what comes after it has this long. */
const budgetSeconds = 300;

/** Where no answer came, CloudStack may still be at work. */
const settlingMs = 10_000;

const pauseMs = 1000;

/** The one command, and what is there afterwards. Answers the exit code. */
export async function convert(settings: Settings, plan: Plan): Promise<number> {
  const seconds = Math.max(budgetSeconds, settings.transport().operationTimeoutSeconds);
  const allSaid = warnOfInterruption();
  try {
    return await withinOperation(seconds, () => converted(plan));
  } finally {
    allSaid();
  }
}

async function converted(plan: Plan): Promise<number> {
  tell("Converting…");
  const error = await order(plan);
  if (error instanceof Unreachable)
    throw new StorageError(`${messageOf(error)} Nothing was sent, so that nothing was changed.`);
  if (error !== undefined) {
    tell(redact(sentenceOf(error)));
    tell("What is there now is looked at.");
  }
  const outcome = await settledOutcome(plan, error);
  const said = saidBy(error);
  process.stdout.write(outcomeText(plan, outcome, said));
  return outcome.state === "converted" && said !== "failed" ? 0 : 1;
}

/** Whoever interrupts it stops the looking, not CloudStack. Answers what to call when all has been said. */
function warnOfInterruption(): () => void {
  let isUnderWay = true;
  beforeLeaving(async () => {
    if (!isUnderWay) return;
    process.stderr.write(
      "Interrupted. The conversion may have been sent, and CloudStack goes on with it. Do not send it again: look with --plan, " +
        "or at listImageStores and listSecondaryStagingStores.\n",
    );
  });
  return () => {
    isUnderWay = false;
  };
}

/** Without the advice that fits every other request. */
function sentenceOf(error: unknown): string {
  return messageOf(error).replaceAll(" Run the same command again.", "");
}

/** The error, where CloudStack did not say that all is done. */
async function order({ cloud, store }: Plan): Promise<unknown> {
  try {
    await cloud.imageStores.convertToS3(store.name, urlOf(store.details), detailsToSend(store.details));
    return undefined;
  } catch (error) {
    return error;
  }
}

async function settledOutcome(plan: Plan, error: unknown): Promise<Outcome> {
  const deadline = performance.now() + (saidBy(error) === "nothing" ? settlingMs : 0);
  for (;;) {
    const outcome = await look(plan);
    if (outcome.state === "converted" || performance.now() + pauseMs > deadline) return outcome;
    await wait(pauseMs);
  }
}

async function look(plan: Plan): Promise<Outcome> {
  try {
    return await lookAfterwards(plan);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new StorageError(
      `The conversion was sent, and what is there now could not be looked at. ${sentenceOf(error)} Do not send it again: look with --plan, ` +
        "or at listImageStores and listSecondaryStagingStores, as soon as CloudStack answers.",
    );
  }
}

function saidBy(error: unknown): Said {
  if (error === undefined) return "done";
  return error instanceof OutcomeUnknown || error instanceof NoAnswer || error instanceof UnexpectedAnswer
    ? "nothing"
    : "failed";
}
