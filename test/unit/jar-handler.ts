import { z } from "zod";
import type { AnyHandler } from "../../provider/core/handler.ts";

export const sizeRule = "must be a whole number from 1";

export const jars = { endpoint: "https://jars.example:443", aliases: [], settingPrefix: "jars" };

/** A kind with every sort of argument; written here, so that no real kind decides what is tested. */
export function jarHandler(more: Partial<AnyHandler>): AnyHandler {
  const unexpected = () => {
    throw new Error("nobody is to ask for this");
  };
  return {
    kind: "Jar",
    noun: "jar",
    args: z.strictObject({
      name: z.string().min(1, "must not be empty"),
      size: z.number(sizeRule).min(1, sizeRule).exactOptional(),
      color: z.string().exactOptional(),
      limits: z.strictObject({ hard: z.number().exactOptional(), soft: z.number().exactOptional() }).exactOptional(),
      owner: z.strictObject({ first: z.string(), last: z.string() }).exactOptional(),
      token: z.string().exactOptional(),
      keyGeneration: z.number().default(1),
      adopt: z.boolean().default(false),
    }),
    nameKey: "name",
    replaces: ["name"],
    fixed: [],
    local: ["adopt"],
    writeOnly: ["token"],
    secrets: ["token"],
    creationDefaults: () => ({ color: "gray", limits: { hard: 1, soft: 2 }, owner: { first: "no", last: "body" } }),
    idOf: ({ name }) => String(name),
    connect: () => jars,
    find: unexpected,
    read: unexpected,
    create: unexpected,
    update: unexpected,
    delete: unexpected,
    ...more,
  };
}
