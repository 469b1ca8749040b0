import { z } from "zod";
import { Refused } from "./errors.ts";
import type { Refusal } from "./handler.ts";

const rule = "must be a whole number from 1";

/** Counts the managed key pairs of a user; 0 is what a lost pair reads as. */
export const keyGenerationSchema = z.number().int(rule).min(0, rule).default(1);

/** A lost pair reads 0, so that value comes back where a program ignores changes of the property. */
export function refusedGeneration(before: number | undefined, after: number | undefined): Refusal[] {
  const property = "keyGeneration";
  if (after === 0 && before !== 0) return [{ property, reason: rule }];
  if (after === undefined || before === undefined || after >= before) return [];
  return [{ property, reason: `can only be raised; it is ${before} and was to become ${after}` }];
}

/** What preview cannot see: only `keyGeneration` of the inputs is there, and a lost pair reads 0. */
export function refuseLowered(user: string, recorded: number | undefined, declared: number, inHand: number): void {
  // An unchanged value is what the state mirrors, for a program that ignores changes of the property.
  if (declared === recorded || declared >= inHand) return;
  throw new Refused(
    `keyGeneration of ${user} can only be raised; the pair in hand is number ${inHand}, and ${declared} is declared.`,
  );
}
