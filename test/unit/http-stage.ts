import { beforeEach, vi } from "vitest";
import type { Authentication } from "../../provider/core/authentication.ts";
import { HttpClient } from "../../provider/core/http.ts";
import { type Answer, type Outgoing, Transport } from "../../provider/core/transport.ts";

export type Reply = Pick<Answer, "status"> & Partial<Answer>;

/** The default endpoint of a stage: elsewhere, with TLS. */
export const ENDPOINT = "https://admin.example:19443";

/** Proves nothing: what is tested is what a client does beside that. */
const nobody: Authentication = { offer: (_purpose, attempt) => attempt((request) => request) };

/** A client, and in place of its network a list of replies. */
export function httpStage() {
  const stage = {
    sent: [] as Outgoing[],
    replies: [] as Reply[],
    client: (endpoint = ENDPOINT, retryBudget = 100, settingPrefix = "cloudian"): HttpClient => {
      const transport = { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget };
      return new HttpClient({ endpoint, tls: { insecure: false }, transport }, settingPrefix, nobody);
    },
    /** What comes of a call: the status, or the error by its name and its whole text. */
    outcomeOf: (work: Promise<Answer>) =>
      work.then(
        ({ status }) => status,
        ({ name, message }: Error) => `${name}: ${message}`,
      ),
  };
  beforeEach(() => {
    stage.sent = [];
    stage.replies = [];
    vi.spyOn(Transport.prototype, "attempt").mockImplementation((_purpose, request) => {
      stage.sent.push(request);
      const reply = stage.replies.shift() ?? { status: 200 };
      return Promise.resolve({ answer: { body: "", date: undefined, headers: {}, ...reply } });
    });
  });
  return stage;
}
