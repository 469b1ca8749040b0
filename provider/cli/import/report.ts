import { colored, table, visible } from "../terminal.ts";
import { beyondOf } from "./beyond.ts";
import type { Found } from "./found.ts";

/** One object as `--json` shows it; its shape is a contract. */
export interface FoundObject {
  readonly kind: string;
  readonly name: string;
  readonly id: string;
  readonly takeover: "import" | "adopt" | "none";
  /** Why it cannot be imported, or not be taken over at all. */
  readonly reason?: string;
  /** Properties that the program declares. */
  readonly declared: readonly string[];
  /** Properties that are as a new object has them, and stay unmanaged. */
  readonly atDefault: readonly string[];
  /** Properties that no call returns. */
  readonly notReturned: readonly string[];
  /** What no property manages. */
  readonly notManaged: string;
}

export function objectOf({ kind, name, id, way, reason, takeover, instead, notReturned }: Found): FoundObject {
  const declared = Object.keys({ ...takeover?.declared, ...instead }).sort();
  return {
    kind,
    name,
    id,
    takeover: way,
    ...(reason === undefined ? {} : { reason }),
    declared: way === "none" ? [] : declared,
    atDefault: [...(takeover?.atDefault ?? [])].sort(),
    notReturned,
    notManaged: beyondOf(kind),
  };
}

/** What was found, for people. */
export function reportText(found: readonly Found[]): string {
  const objects = found.map(objectOf);
  const rows = objects.map((object) => [
    object.kind,
    visible(object.name),
    wayText(object),
    visible(detailsText(object)),
  ]);
  return found.length === 0
    ? "Nothing was found.\n"
    : table(["KIND", "NAME", "TAKE OVER", "DETAILS"], rows) + summary(objects) + notes(objects);
}

function wayText({ takeover }: FoundObject): string {
  if (takeover === "import") return colored("green", "import file");
  return takeover === "adopt" ? colored("yellow", "by adopt") : colored("red", "no");
}

function detailsText({ takeover, reason, declared, notReturned }: FoundObject): string {
  if (takeover === "none") return reason ?? "";
  const hidden = notReturned.length === 0 ? "" : `; not returned: ${notReturned.join(", ")}`;
  return `${reason === undefined ? "" : `${reason}; `}declared: ${declared.join(", ")}${hidden}`;
}

function summary(objects: readonly FoundObject[]): string {
  const count = (way: string) => objects.filter(({ takeover }) => takeover === way).length;
  return `\n${objects.length} found: ${count("import")} by the import file, ${count("adopt")} by adopt, ${count("none")} not.\n`;
}

/** Per kind: it would say the same in every row. */
function notes(objects: readonly FoundObject[]): string {
  const kinds = [...new Set(objects.map(({ kind }) => kind))];
  const lines = kinds.filter((kind) => beyondOf(kind) !== "").map((kind) => `  ${kind}: ${beyondOf(kind)}\n`);
  return `Properties that are as a new object has them stay unmanaged. Never managed, and left as they are:\n${lines.join("")}`;
}
