import { expect, test } from "vitest";
import { Once } from "../../provider/core/once.ts";

/** Answers are given in order; a text is a failure. */
function once(...answers: (number | string)[]) {
  let asked = 0;
  const result = new Once(async () => {
    const answer = answers[asked++];
    if (typeof answer === "string") throw new Error(answer);
    return answer;
  });
  return { result, asked: () => asked };
}

test("is not asked for before somebody wants it, and then once, by whomever and whenever", async () => {
  const { result, asked } = once(1, 2);
  expect(asked()).toBe(0);
  expect(await Promise.all([result.get(), result.get()])).toEqual([1, 1]);
  expect(await result.get()).toBe(1);
  expect(asked()).toBe(1);
});

test("undefined is a result like any other", async () => {
  const { result, asked } = once();
  expect([await result.get(), await result.get()]).toEqual([undefined, undefined]);
  expect(asked()).toBe(1);
});

test("a failure is for those who wait for it; the next one who asks tries again", async () => {
  const { result, asked } = once("no", 2);
  const both = await Promise.allSettled([result.get(), result.get()]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await result.get()).toBe(2);
  expect(asked()).toBe(2);
});

test("those who learn late of a failure do not forget what was asked for since", async () => {
  let asked = 0;
  let fail: (error: Error) => void = () => {};
  const first = new Promise<number>((_, reject) => {
    fail = reject;
  });
  const result = new Once(() => (++asked === 1 ? first : Promise.resolve(asked)));
  const early = result.get();
  const again = first.catch(() => result.get());
  const late = result.get();
  fail(new Error("no"));
  await expect(early).rejects.toThrow("no");
  await expect(late).rejects.toThrow("no");
  expect(await again).toBe(2);
  expect(await result.get()).toBe(2);
});
