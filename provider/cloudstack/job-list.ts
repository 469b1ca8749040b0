import { textIn } from "./answers.ts";
import type { CloudStackApi } from "./api.ts";

/** An asynchronous job, whoever has begun it. */
export interface ListedJob {
  readonly id: string;
  /** `RebootSystemVm`: the command, without what the server's class has around it. */
  readonly command: string;
  readonly instanceId: string | undefined;
  readonly status: "running" | "done" | "failed";
}

/** The jobs that CloudStack still remembers (reference: CloudStack API, 2). */
export async function listJobs(api: CloudStackApi): Promise<ListedJob[]> {
  const call = { what: "list asynchronous jobs", command: "listAsyncJobs", parameters: { listall: "true" } };
  return (await api.list(call, "asyncjobs")).map((item) => {
    const status = textIn(item, "jobstatus");
    return {
      id: textIn(item, "jobid") ?? "",
      command: (textIn(item, "cmd") ?? "").replace(/^.*\./, "").replace(/Cmd(ByAdmin)?$/, ""),
      instanceId: textIn(item, "jobinstanceid"),
      status: status === "0" ? "running" : status === "1" ? "done" : "failed",
    };
  });
}
