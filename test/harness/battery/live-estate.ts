import type { LabState } from "../lab.ts";

/** What all systems hold, in a form in which two runs of the same thing are equal. */
export interface LiveEstate {
  readonly [system: string]: { readonly [section: string]: unknown };
}

const sections = {
  cloudian: ["groups", "users", "credentials", "limits", "buckets", "passwords", "s3Buckets"],
  ecs: ["users", "buckets", "namespaces"],
  cloudstack: ["imageStores", "objectPools", "settings"],
} as const;

/** Sessions, jobs and what is only remembered of removed objects are no part of it. */
export function liveEstate(state: LabState): LiveEstate {
  const all = state as unknown as Record<string, Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(sections).map(([system, names]) => [
      system,
      Object.fromEntries(names.map((name) => [name, settled(withoutRemoved(valuesOnly(name, all[system]?.[name])))])),
    ]),
  );
}

/** A setting's description is as long as all the rest. */
function valuesOnly(section: string, documents: unknown): unknown {
  if (section !== "settings" || !isRecord(documents)) return documents;
  return Object.fromEntries(
    Object.entries(documents).map(([name, document]) => {
      const { value, scoped } = document as { value: unknown; scoped: object };
      return [name, { value, scoped }];
    }),
  );
}

function withoutRemoved(documents: unknown): unknown {
  if (!isRecord(documents)) return documents;
  return Object.fromEntries(
    Object.entries(documents).filter(([, document]) => !isRecord(document) || !document["removed"]),
  );
}

/** Generated ids, keys and times by their kind; a map whose keys are generated as a list of its members. */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, member]) => [word(key), settledMember(key, member)] as const);
    const isMadeUp = entries.some(([key], index) => key !== Object.keys(value)[index]);
    if (!isMadeUp) return Object.fromEntries(entries);
    return entries.map((entry) => [...entry]).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return typeof value === "string" ? word(value) : value;
}

function settledMember(key: string, member: unknown): unknown {
  if (
    /^(created|createDate|createdAt|expires|modified|measured|lastModified|versionId|etag)$/i.test(key) &&
    member !== null
  )
    return `<${key}>`;
  // What a caller has given a name already keeps it.
  if (typeof member === "string" && member.startsWith("<")) return member;
  if (/^(secretKey|secret|canonicalUserId|canonicalId)$/.test(key) && typeof member === "string") return `<${key}>`;
  return settled(member);
}

/** Ids that the systems make. */
function word(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/^[0-9a-f]{20}$/, "<access key>")
    .replace(/^[0-9a-f]{32}$/, "<canonical id>");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
