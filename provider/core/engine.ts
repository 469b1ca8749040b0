let address: string | undefined;

/**
 * Where the engine listens, `host:port`, by the arguments of this process; the engine may put flags before it. For the
 * provider process alone: what looks like an address among the arguments of another one is not the engine's.
 */
export function startedByEngine(): string | undefined {
  address = process.argv.slice(2).find((argument) => /^[^-].*:\d+$/.test(argument));
  return address;
}

/** Where the engine listens; undefined outside the provider process. */
export function engineAddress(): string | undefined {
  return address;
}
