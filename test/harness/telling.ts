/** Marks a line of a test's output that whoever started the tests sees at once, and not only when something fails. */
const mark = "» ";

/** Of a test: what it counted, or what it found long before its end. */
export function tell(text: string): void {
  for (const line of text.split("\n")) console.log(`${mark}${line}`);
}

/** What a line of a test's output tells, if it does. */
export function toldBy(line: string): string | undefined {
  return line.startsWith(mark) ? line.slice(mark.length) : undefined;
}
