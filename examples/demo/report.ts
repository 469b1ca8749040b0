/** A line of the closing table. */
export interface PhaseLine {
  readonly scene: string;
  readonly phase: string;
  readonly happened: string;
  readonly requests: number;
  readonly seconds: number;
}

const start = performance.now();

export function elapsedSeconds(): number {
  return (performance.now() - start) / 1000;
}

export function heading(text: string): void {
  print(`\n[${elapsedSeconds().toFixed(1).padStart(5)} s] ${text}`);
}

/** A line of what happens under a heading. */
export function detail(text: string): void {
  print(`          ${text}`.trimEnd());
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The lines of each scene under its title. */
export function summary(lines: readonly PhaseLine[]): string {
  const phaseWidth = Math.max(...lines.map(({ phase }) => phase.length), "phase".length);
  const happenedWidth = Math.max(...lines.map(({ happened }) => happened.length), "what happened".length);
  const row = (phase: string, happened: string, requests: string, seconds: string) =>
    `  ${phase.padEnd(phaseWidth)}  ${happened.padEnd(happenedWidth)}  ${requests.padStart(8)}  ${seconds.padStart(7)}`;
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  return [
    row("phase", "what happened", "requests", "seconds"),
    ...lines.flatMap(({ scene, phase, happened, requests, seconds }, index) => [
      ...(scene === lines[index - 1]?.scene ? [] : [`\n  ${scene}`]),
      row(phase, happened, String(requests), seconds.toFixed(1)),
    ]),
    `\n${row("", "", String(total(lines.map((line) => line.requests))), total(lines.map((line) => line.seconds)).toFixed(1))}`,
  ].join("\n");
}
