import { expect, test } from "vitest";
import { keyGenerationSchema, refusedGeneration, refuseLowered } from "../../provider/core/key-generation.ts";

const rule = "must be a whole number from 1";

test.each([
  [1, 1],
  [7, 7],
  [0, 0],
  [undefined, 1],
])("a generation of %j is %j", (given, expected) => {
  expect(keyGenerationSchema.parse(given)).toBe(expected);
});

test.each([-1, 1.5])("%j is no generation", (given) => {
  expect(keyGenerationSchema.safeParse(given).error?.issues.map(({ message }) => message)).toEqual([rule]);
});

test.each<[before: number | undefined, after: number | undefined, reason: string | undefined]>([
  [undefined, 1, undefined],
  [undefined, 0, rule],
  [1, 0, rule],
  [0, 0, undefined],
  [0, 1, undefined],
  [1, 1, undefined],
  [1, 2, undefined],
  [2, 1, "can only be raised; it is 2 and was to become 1"],
  [2, undefined, undefined],
])("at preview, from %j to %j: %s", (before, after, reason) => {
  expect(refusedGeneration(before, after)).toEqual(reason === undefined ? [] : [{ property: "keyGeneration", reason }]);
});

test.each<[recorded: number | undefined, declared: number, inHand: number, isRefused: boolean]>([
  [0, 1, 3, true],
  [0, 3, 3, false],
  [0, 4, 3, false],
  [1, 1, 3, false],
  [undefined, 1, 3, true],
])(
  "at an update with %j recorded, %d declared and pair %d in hand: refused %s",
  (recorded, declared, inHand, isRefused) => {
    const update = () => refuseLowered("user ada", recorded, declared, inHand);
    if (!isRefused) expect(update).not.toThrow();
    else
      expect(update).toThrow(
        `keyGeneration of user ada can only be raised; the pair in hand is number ${inHand}, and ${declared} is declared.`,
      );
  },
);
