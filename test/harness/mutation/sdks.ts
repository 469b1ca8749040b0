import type { Sdk } from "../sdks.ts";

/** Nothing of an SDK is loaded where code is mutated, so that once is enough. */
export const SDKS: readonly { sdk: Sdk }[] = [{ sdk: "newest" }];
