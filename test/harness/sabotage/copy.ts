import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../engine/run.ts";
import { root } from "../layers/checks.ts";
import type { Edit } from "./breaks.ts";

/** The project once more in a temporary folder, where its sources can be broken. */
export class ProjectCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<ProjectCopy> {
    const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    const { code, stdout, stderr } = await run("git", args, { cwd: root });
    if (code !== 0) throw new Error(`git ls-files failed: ${stderr}`);
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-sabotage-"));
    for (const file of stdout.split("\0").filter((name) => name !== "" && existsSync(join(root, name)))) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(root, file), join(folder, file));
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    return new ProjectCopy(folder);
  }

  /** What the compiler complains of; undefined where it is content. */
  async build(): Promise<string | undefined> {
    const tsc = join(this.folder, "node_modules", ".bin", "tsc");
    const { code, stdout, problem } = await run(tsc, ["-p", "tsconfig.build.json"], { cwd: this.folder });
    return code === 0 ? undefined : (problem ?? stdout);
  }

  /** Applies the edits, does the work, and takes them back. */
  async broken<T>(edits: readonly Edit[], work: () => Promise<T>): Promise<T> {
    const before = new Map(edits.map(({ file }) => [file, this.#read(file)]));
    try {
      for (const edit of edits) writeFileSync(join(this.folder, edit.file), edited(this.#read(edit.file), edit));
      return await work();
    } finally {
      for (const [file, text] of before) writeFileSync(join(this.folder, file), text);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }
}

/** A text that is not there once is a break that says nothing any more. */
export function edited(source: string, { file, find, replace }: Edit): string {
  const times = source.split(find).length - 1;
  if (times !== 1) throw new Error(`This text occurs ${times} times in ${file}, so the break is out of date:\n${find}`);
  return source.replace(find, () => replace);
}
