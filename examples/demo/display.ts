const typePrefix = /pulumi-nodejs:dynamic\/cloudstack-storage:|cloudstack-storage:index:/;
const shownOfAKind = 3;

/** A step that fails or warns; its words come again, and in one place, under the heading "Diagnostics". */
const diagnosed =
  /^ ?[ +~-]{1,3} +(?:pulumi|cloudstack-storage)\S* [^\s(]\S* .*(?:\berror\b|\bwarning: |\*\*failed\*\*)/;

const oneStep =
  /^ ?[ +~-]{1,3} +(?:pulumi|cloudstack-storage)\S* [^\s(]\S*(?: (\w+))?(?: \(.*\))?(?: \[diff: .*\])? *$/;

/** Trims what Pulumi prints without a terminal, a line for each step of each resource, to what somebody wants to read. */
export class Display {
  readonly #print: (line: string) => void;
  #verb = "";
  #count = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  line(line: string): void {
    if (line === "" || line.startsWith("@ ") || diagnosed.test(line)) return;
    const step = oneStep.exec(line);
    if (step === null) {
      this.end();
      this.#print(line);
    } else {
      this.#step(step[1] ?? "", line.replace(typePrefix, "").trimEnd());
    }
  }

  /** Says how many steps of one kind were left out. */
  end(): void {
    const more = this.#count - shownOfAKind;
    if (more > 0) this.#print(`    … and ${more} more ${this.#verb}`);
    this.#count = 0;
    this.#verb = "";
  }

  #step(verb: string, line: string): void {
    const drifted = verb === "refresh" && line.includes("[diff: ");
    if (drifted) this.#print(line);
    if (!["created", "updated", "deleted"].includes(verb)) return;
    if (verb !== this.#verb) this.end();
    this.#verb = verb;
    this.#count += 1;
    if (this.#count <= shownOfAKind) this.#print(line);
  }
}
