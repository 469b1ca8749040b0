/** What the engine and its SDK write into a log at --verbose=9 by themselves, marked secrets included. */
const ownLinesOfEngine = /\b(?:Unm|M)arshaling property for RPC\[|\bRegisterResource RPC finished: /;

/** Whether a line of such a log is any other one, be it the engine's, the program's or ours. */
export function isSearched(line: string): boolean {
  return !ownLinesOfEngine.test(line);
}
