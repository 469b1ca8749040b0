import { z } from "zod";
import { UnexpectedAnswer } from "../core/errors.ts";

const limitRule = 'must be a whole number from 0, or "none"';
const limit = z
  .union([z.number(), z.literal("none")], { error: limitRule })
  .refine((value) => value === "none" || (Number.isSafeInteger(value) && value >= 0), limitRule);
const pair = z.strictObject({ hard: limit.exactOptional(), warning: limit.exactOptional() });

/** Canonical form: `"none"` and absent are the same, so only numbers stay. */
export const limitsSchema = z
  .strictObject({
    storageKiB: pair.exactOptional(),
    objectCount: pair.exactOptional(),
    requestsPerMinute: pair.exactOptional(),
    uploadKiBPerMinute: pair.exactOptional(),
    downloadKiBPerMinute: pair.exactOptional(),
  })
  .transform(onlyNumbers);

export type PlainLimits = z.output<typeof limitsSchema>;

interface Wire {
  readonly member: keyof PlainLimits;
  readonly kind: "hard" | "warning";
  /** Query parameter of `POST /qos/limits`. */
  readonly parameter: string;
  /** `type` of an item that `GET /qos/limits` answers. */
  readonly type: string;
}

/** Reference: Cloudian Admin API, 5.1. */
const wires: readonly Wire[] = [
  { member: "storageKiB", kind: "hard", parameter: "hlStorageQuotaKBytes", type: "STORAGE_QUOTA_KBYTES_LH" },
  { member: "storageKiB", kind: "warning", parameter: "wlStorageQuotaKBytes", type: "STORAGE_QUOTA_KBYTES_LW" },
  { member: "objectCount", kind: "hard", parameter: "hlStorageQuotaCount", type: "STORAGE_QUOTA_COUNT_LH" },
  { member: "objectCount", kind: "warning", parameter: "wlStorageQuotaCount", type: "STORAGE_QUOTA_COUNT_LW" },
  { member: "requestsPerMinute", kind: "hard", parameter: "hlRequestRate", type: "REQUEST_RATE_LH" },
  { member: "requestsPerMinute", kind: "warning", parameter: "wlRequestRate", type: "REQUEST_RATE_LW" },
  { member: "uploadKiBPerMinute", kind: "hard", parameter: "hlDataKBytesIn", type: "DATAKBYTES_IN_LH" },
  { member: "uploadKiBPerMinute", kind: "warning", parameter: "wlDataKBytesIn", type: "DATAKBYTES_IN_LW" },
  { member: "downloadKiBPerMinute", kind: "hard", parameter: "hlDataKBytesOut", type: "DATAKBYTES_OUT_LH" },
  { member: "downloadKiBPerMinute", kind: "warning", parameter: "wlDataKBytesOut", type: "DATAKBYTES_OUT_LW" },
];

/** Numbers may come as text; anything else is no limit that could be trusted. */
const wholeNumber = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number),
]);

const answerSchema = z.looseObject({
  qosLimitList: z.array(z.looseObject({ type: z.string(), value: wholeNumber })),
});

/** All ten parameters: the call replaces the whole record, and -1 means unlimited. */
export function limitParameters(limits: PlainLimits): Record<string, string> {
  return Object.fromEntries(wires.map((wire) => [wire.parameter, String(limits[wire.member]?.[wire.kind] ?? -1)]));
}

/** Any negative value reads as unlimited: -1 is the system's own word for it, and another client is known to store -2. */
export function limitsFrom(answer: unknown, what: string): PlainLimits {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) throw new UnexpectedAnswer(`Could not ${what}: the answer holds no list of limits.`, 200);
  const values = new Map(parsed.data.qosLimitList.map((item) => [item.type, item.value]));
  const limits: { [M in keyof PlainLimits]?: { hard?: number; warning?: number } } = {};
  for (const wire of wires) {
    const value = values.get(wire.type) ?? -1;
    if (value >= 0) limits[wire.member] = { ...limits[wire.member], [wire.kind]: value };
  }
  return limits;
}

type Declared = {
  [M in "storageKiB" | "objectCount" | "requestsPerMinute" | "uploadKiBPerMinute" | "downloadKiBPerMinute"]?: z.output<
    typeof pair
  >;
};
type Canonical = { [M in keyof Declared]?: { hard?: number; warning?: number } };

function onlyNumbers(limits: Declared): Canonical {
  const canonical: Canonical = {};
  for (const [member, { hard, warning }] of Object.entries(limits) as [keyof Declared, z.output<typeof pair>][]) {
    const numbers = {
      ...(typeof hard === "number" ? { hard } : {}),
      ...(typeof warning === "number" ? { warning } : {}),
    };
    if (Object.keys(numbers).length > 0) canonical[member] = numbers;
  }
  return canonical;
}
