import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

type Node = Record<string, unknown>;

/**
 * What docs/schemas says of a command's JSON, with nothing beside it: people who read it have to bear new members, but
 * the page has to name each.
 */
export function documentedShape(command: "doctor" | "drift" | "import" | "lab"): z.ZodType {
  const file = join(import.meta.dirname, `../../docs/schemas/${command}.schema.json`);
  return z.fromJSONSchema(closed(JSON.parse(readFileSync(file, "utf8"))) as Parameters<typeof z.fromJSONSchema>[0]);
}

function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== "object" || node === null) return node;
  const members = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)])) as Node;
  return members["properties"] === undefined || members["type"] !== "object"
    ? members
    : { ...members, additionalProperties: false };
}
