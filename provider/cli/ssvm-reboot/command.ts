import { shellWord } from "../shell-word.ts";

/** The command to type for a zone of this name. */
export function rebootCommand(zone: string): string {
  return `cloudstack-storage ssvm-reboot --zone ${shellWord(zone)}`;
}
