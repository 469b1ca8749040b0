import { provider } from "../../../../provider/dynamic.ts";
import type { Properties } from "../../provider-client.ts";
import { ServedProvider } from "../served-provider.ts";
import type { Answer, Call } from "./messages.ts";

/** A provider process without Pulumi's server, which takes two thirds of its start: calls come from the parent. */
const served = new ServedProvider({ provider }, JSON.parse(process.env["HOST_CONFIG"] ?? "{}") as Properties);

process.on("message", async ({ id, method, values }: Call) => {
  const call = served[method].bind(served) as (...values: readonly unknown[]) => Promise<unknown>;
  process.send?.(await answerOf(id, call(...values)));
});

async function answerOf(id: number, work: Promise<unknown>): Promise<Answer> {
  try {
    return { id, result: await work };
  } catch (error) {
    const { message, initFailure } = error as Error & Pick<Answer, "initFailure">;
    return { id, message, initFailure };
  }
}
