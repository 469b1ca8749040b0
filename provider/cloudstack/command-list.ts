import { itemsOf, textIn } from "./answers.ts";
import type { CloudStackApi } from "./api.ts";

/** The commands that this caller may call on this release, with the names of their parameters (reference: CloudStack API, 9). */
export async function callableCommands(api: CloudStackApi): Promise<Map<string, ReadonlySet<string>>> {
  const answer = await api.read({ what: "list the commands that this API key may call", command: "listApis" });
  return new Map(
    itemsOf(answer, "api").map((item) => [
      textIn(item, "name") ?? "",
      new Set(itemsOf(item, "params").map((parameter) => textIn(parameter, "name") ?? "")),
    ]),
  );
}
