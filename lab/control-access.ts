import type { IncomingHttpHeaders } from "node:http";
import { LabError } from "./errors.ts";

/**
 * A page in a browser on this machine reaches the control API as well: under a name of its own that it lets lead to
 * 127.0.0.1, or by a form or script of another origin. Both show in what the browser sends.
 */
export function refusePages({ host, origin }: IncomingHttpHeaders): void {
  const name = host === undefined ? "" : (URL.parse(`http://${host}`)?.hostname ?? "");
  if (!isOwnName(name))
    throw new LabError(`The control API answers under 127.0.0.1 and localhost only, not as "${host ?? ""}".`, 403);
  if (origin !== undefined && origin !== `http://${host}`)
    throw new LabError(`The control API takes nothing from pages of another origin, such as "${origin}".`, 403);
}

function isOwnName(name: string): boolean {
  return name === "127.0.0.1" || name === "localhost" || name === "[::1]";
}
