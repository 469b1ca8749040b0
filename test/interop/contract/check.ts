import type { ServerId } from "../../harness/interop/surroundings.ts";
import type { Scene } from "./scene.ts";

/** What a server answered, step by step: `200`, `409 BucketNotEmpty`, or a word for what came back. */
export type Answer = readonly string[];

/** One thing that an S3 server is asked. */
export interface Check {
  readonly name: string;
  run(scene: Scene): Promise<Answer>;
  readonly expected: Answer;
  /** Servers that answer otherwise, which is checked just as strictly. */
  readonly differs?: Readonly<Partial<Record<ServerId, Difference>>>;
}

export interface Difference {
  readonly answer: Answer;
  readonly why: string;
}

/** Both S3 sides of the lab answer so. */
export function ofLab(why: string, ...answer: string[]): Record<"lab-ecs" | "lab-hyperstore", Difference> {
  return { "lab-ecs": { answer, why }, "lab-hyperstore": { answer, why } };
}
