import type { InitFailure } from "../../provider-client.ts";
import type { ProviderProcess } from "../provider-process.ts";

export interface Call {
  readonly id: number;
  readonly method: keyof ProviderProcess;
  readonly values: readonly unknown[];
}

export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  /** Present where the call has failed. */
  readonly message?: string;
  readonly initFailure?: InitFailure | undefined;
}
