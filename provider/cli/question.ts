import { createInterface } from "node:readline/promises";

/** Whether somebody is there to answer a question: it is asked on standard error, which leaves standard output to data. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** What somebody types; empty where the input ends instead. */
export async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  // Here the terminal leaves Ctrl-C to whoever reads the line.
  lines.once("SIGINT", () => {
    lines.close();
    process.stderr.write("\n");
    process.kill(process.pid, "SIGINT");
  });
  try {
    return (await Promise.race([lines.question(question), ended])).trim();
  } finally {
    lines.close();
  }
}
