import { ApiFailure } from "./answers.ts";

/** What CloudStack says of the UUID of an object that it does not have, or no longer has. */
export function saysAbsent(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 431 && error.text.includes("entity does not exist");
}
