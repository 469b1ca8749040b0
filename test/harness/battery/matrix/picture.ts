import { isDeepStrictEqual } from "node:util";
import type { LabAddresses } from "../../../../lab/index.ts";
import type { LabState } from "../../lab.ts";
import type { Entry } from "../little-engine.ts";
import { type LiveEstate, liveEstate } from "../live-estate.ts";

/**
 * What all systems hold, in a form in which two labs with the same content are equal. What the systems or the provider
 * made up and the state knows, such as a key, is named after the property of the state that holds it.
 */
export function pictureOf(state: LabState, addresses: LabAddresses, entries: readonly Entry[]): LiveEstate {
  let text = JSON.stringify(state);
  for (const [name, host] of hostsOf(addresses)) text = text.replaceAll(host, `<${name}>`);
  for (const { name, isOld, outputs } of entries)
    for (const [path, value] of madeUp(outputs))
      text = text.replaceAll(value, `<${isOld ? "old " : ""}${name}.${path} of the state>`);
  return liveEstate(JSON.parse(text));
}

function hostsOf({ cloudian, ecs, cloudstack }: LabAddresses): [string, string][] {
  return [
    ["cloudian", new URL(cloudian.endpoint).host],
    ["cloudian-s3", new URL(cloudian.s3Endpoint).host],
    ["ecs", new URL(ecs.endpoint).host],
    ["ecs-s3", new URL(ecs.s3Endpoint).host],
    ["cloudstack", new URL(cloudstack.endpoint).host],
  ];
}

/** Access keys, the ids of objects, secrets, and derived names, of which one depends on an address of the lab. */
const made = /^([0-9a-f]{20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9+/]{40,43}|[a-z0-9-]+-[0-9a-f]{8})$/;

/** The values of the state that differ from one run to the next, with the property that holds each. */
function madeUp(values: object, path = ""): [string, string][] {
  return Object.entries(values).flatMap(([key, value]): [string, string][] => {
    const own = path === "" ? key : key === "value" ? path : `${path}.${key}`;
    if (typeof value === "object" && value !== null) return madeUp(value, own);
    return typeof value === "string" && made.test(value) ? [[own, value]] : [];
  });
}

/** In which way an estate is not the expected one. */
export function mismatch(actual: LiveEstate, expected: LiveEstate): "lost" | "doubled" | "differs" | undefined {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  const sizes = Object.entries(expected).flatMap(([system, sections]) =>
    Object.entries(sections).map(([section, documents]) => sizeOf(actual[system]?.[section]) - sizeOf(documents)),
  );
  if (sizes.some((more) => more < 0)) return "lost";
  return sizes.some((more) => more > 0) ? "doubled" : "differs";
}

/** Objects of a section, keys of a user among them. */
function sizeOf(documents: unknown): number {
  if (typeof documents !== "object" || documents === null) return 0;
  return Object.values(documents).reduce((sum: number, document) => sum + 1 + keysOf(document), 0);
}

function keysOf(document: unknown): number {
  const keys = (document as { keys?: unknown } | null)?.keys;
  return Array.isArray(keys) ? keys.filter((key) => key !== null).length : 0;
}
