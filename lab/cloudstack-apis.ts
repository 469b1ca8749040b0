import { mayCall } from "./cloudstack-access.ts";
import { type Answer, list } from "./cloudstack-answer.ts";
import { type Call, type CommandEntry, type Commands, optional } from "./cloudstack-call.ts";
import { atLeast, type CloudStackOptions, nextRelease } from "./cloudstack-options.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";

/** A name of a command's `params` or `fields`. */
interface Named {
  readonly name: string;
  readonly required: boolean;
}

/** The parameters or fields that the simulated release has. */
export function namesOf(options: CloudStackOptions, text: string): Named[] {
  const marked = text.split(/\s+/).filter((word) => word !== "");
  return marked.flatMap((word) => {
    const [mark = "", since] = word.split("@");
    const release = since === "next" ? nextRelease : (since ?? "0").split(".").map(Number);
    return atLeast(options, release) ? [{ name: mark.replace("!", ""), required: mark.endsWith("!") }] : [];
  });
}

/** Whether the simulated release has the command, and has it now. */
export function isKnown(store: CloudStackStore, { since, available }: CommandEntry): boolean {
  return (since === undefined || atLeast(store.options, since)) && (available === undefined || available(store));
}

/** The command `listApis` over a table of commands: what the caller may call, with the parameters of this release. */
export function apiLister(commands: () => Commands): CommandEntry {
  const run = (call: Call): Answer => {
    const { options } = call.store;
    const name = optional(call, "name");
    const found = Object.entries(commands())
      .filter(([command, entry]) => (name ?? command) === command && isKnown(call.store, entry))
      .filter(([command, entry]) => mayCall(call.caller, entry) && command !== options.deniedCommand);
    return list(
      "api",
      found.map(([command, entry]) => apiDocument(options, command, entry)),
    );
  };
  return { run, changes: false, role: "everyone", params: "name" };
}

function apiDocument(options: CloudStackOptions, name: string, entry: CommandEntry): object {
  const params = namesOf(options, entry.params);
  const fields = namesOf(options, entry.fields ?? "");
  return {
    name,
    description: name,
    isasync: entry.async === true,
    related: "",
    params: params.map((param) => ({
      name: param.name,
      description: param.name,
      type: "string",
      required: param.required,
    })),
    response: fields.map((field) => ({ name: field.name, description: field.name, type: "string" })),
  };
}
