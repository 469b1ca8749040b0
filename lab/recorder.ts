import { isObject } from "./errors.ts";
import type { FaultKind } from "./faults.ts";
import { masked } from "./query.ts";
import type { LabRequest, RecordedParams } from "./system.ts";

/** How a request ended: its status, the fault that cut it, or that the client went away. */
export type Outcome = number | FaultKind | "aborted";

/** One request, as `GET /requests` shows it. */
export interface RecordedRequest {
  readonly system: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly status: Outcome;
  readonly at: string;
  readonly headers: readonly string[];
  readonly body?: unknown;
  readonly destructive?: true;
}

/** Longer bodies are objects' contents, not calls. */
const longestBody = 1024 * 1024;

/** Remembers who asked what. Values of headers and secrets are never kept. */
export class Recorder {
  #requests: RecordedRequest[] = [];

  add(
    system: string,
    request: LabRequest,
    params: RecordedParams,
    outcome: Outcome,
    at: number,
    destructive: boolean,
  ): void {
    this.#requests.push({
      system,
      method: request.method,
      path: request.path,
      query: params.query,
      status: outcome,
      at: new Date(at).toISOString(),
      headers: Object.keys(request.headers),
      ...(params.body === undefined ? {} : { body: params.body }),
      ...(destructive ? { destructive: true as const } : {}),
    });
  }

  list(system?: string): RecordedRequest[] {
    return this.#requests.filter((request) => system === undefined || request.system === system);
  }

  clear(): void {
    this.#requests = [];
  }
}

/** The parameters of a usual request: a query and, perhaps, a JSON body. */
export function usualParams(request: LabRequest): RecordedParams {
  const query = [...(request.query ?? [])].map(([name, value]) => [name, masked(name, value)]);
  const body = parsedBody(request.body);
  return {
    query: Object.fromEntries(query),
    ...(body === undefined ? {} : { body: masked("", body) as Record<string, unknown> }),
  };
}

function parsedBody(body: Buffer): Record<string, unknown> | undefined {
  if (body.length > longestBody) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
