import { many, soak } from "../../soak.ts";
import { type Change, isOnDestroy, isRotation, type Specimen } from "../specimen.ts";
import type { Shot } from "./cell.ts";
import { canHit, type FaultKind, faultKinds } from "./fault-kinds.ts";
import { type Plan, type Stage, stages } from "./life.ts";
import type { Reference } from "./reference.ts";

/** The faults of one life, at most one for each stage. */
export type Shots = Readonly<Partial<Record<Stage, Shot>>>;

/** A number from 0 up to, but without, its argument. */
export type Random = (below: number) => number;

/** Which lives an object of a kind leads: in full with each change alone, otherwise with as many changes at once as fit. */
export function plansOf(specimen: Specimen): Plan[] {
  const { updates, replacement } = specimen;
  const isUsual = (change: Change) => !isRotation(change) && !isOnDestroy(change);
  const usual = updates.filter((change) => isUsual(change) && change.aspect !== "unmanaged");
  const everything = { aspect: "everything", inputs: Object.assign({}, ...usual.map(({ inputs }) => inputs)) };
  const rotations = updates.filter(isRotation);
  const others = [
    ...rotations.slice(-many(1, rotations.length)),
    ...updates.filter(isOnDestroy),
    ...(replacement ? [replacement] : []),
  ];
  const alone = soak && usual.length > 1 ? updates.filter(isUsual) : [];
  const given = [everything, ...others, ...alone].map((change) => ({ specimen, naming: "given" as const, change }));
  const derived = specimen.derivable === undefined ? [] : [everything, ...(soak ? others : [])];
  return [...given, ...derived.map((change) => ({ specimen, naming: "derived" as const, change }))];
}

/** The stages of a plan that no earlier plan of the same object goes through in the same way. */
function ownStages(plans: readonly Plan[], index: number): readonly Stage[] {
  const isFirst = plans.findIndex(({ naming }) => naming === plans[index]?.naming) === index;
  return isFirst ? stages : ["change", "delete"];
}

/** Every fault at every request of every stage. */
export function everyLife(plans: readonly Plan[], index: number, reference: Reference): Shots[] {
  const own = ownStages(plans, index);
  const columns = own.map((stage) => [stage, faultKinds.flatMap((kind) => shotsOf(kind, stage, reference))] as const);
  const length = Math.max(...columns.map(([, shots]) => shots.length));
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(columns.flatMap(([stage, shots]) => (shots[row] ? [[stage, shots[row]]] : []))),
  );
}

/** One life for a fault, which hits one request of each stage. */
export function someLife(kind: FaultKind, reference: Reference, random: Random): Shots {
  return Object.fromEntries(
    stages.flatMap((stage) => {
      const shots = shotsOf(kind, stage, reference);
      return shots.length === 0 ? [] : [[stage, shots[random(shots.length)]]];
    }),
  );
}

function shotsOf(kind: FaultKind, stage: Stage, reference: Reference): Shot[] {
  return reference[stage].requests.flatMap((request, index) => (canHit(kind, request) ? [{ kind, index }] : []));
}

/** Numbers that a seed repeats (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
