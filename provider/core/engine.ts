/** Where the engine listens, `host:port`; undefined in other hosts. The engine may put flags before it. */
export function engineAddress(): string | undefined {
  return process.argv.slice(2).find((argument) => /^[^-].*:\d+$/.test(argument));
}
