/** The newest SDK, which is the development dependency, and the lowest that the package supports. */
export const SDKS = [{ sdk: "newest" }, { sdk: "lowest" }] as const;
export type Sdk = (typeof SDKS)[number]["sdk"];
