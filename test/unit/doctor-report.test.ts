import { expect, test } from "vitest";
import { reportOf, textOf } from "../../provider/cli/doctor/report.ts";

test("what systems answer moves no cursor and begins no line, in names and in sentences", () => {
  const report = reportOf([
    {
      system: "cloudstack",
      zone: "far\u001b[2J\nVerdicts",
      subject: "store \u0007\u202ea",
      check: "template",
      verdict: "failed",
      text: "It says \u009b31m\u2028ok.",
      next: "Look at it\u2066 there.",
    },
  ]);
  expect(textOf(report)).toBe(`CloudStack
  failed     zone far\\u001b[2J\\u000aVerdicts, store \\u0007\\u202ea, template  It says \\u009b31m\\u2028ok.
                                                                             next: Look at it\\u2066 there.

Verdicts
  failed     CloudStack
  failed     zone far\\u001b[2J\\u000aVerdicts
`);
  expect(report.zones).toEqual([{ name: "far\u001b[2J\nVerdicts", verdict: "failed" }]);
});
