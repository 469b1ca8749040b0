/** The part of vitest's JSON report that counts here. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

export interface Verdict {
  /** Tests that failed because something was not as they expect it. */
  readonly caughtBy: readonly string[];
  readonly passed: number;
  /** Everything else that kept a test from passing: a file that does not load, a hook, a time-out. */
  readonly otherwise: readonly string[];
}

/** Of vitest, and of what the tests themselves throw where a call succeeds that must not. */
const expectation = /^(AssertionError|Error: the call was expected to fail|Error: no partial failure, but)/;

export function judge({ testResults }: Report): Verdict {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const isCaught = ({ failureMessages }: (typeof tests)[number]) =>
    (failureMessages ?? []).some((message) => expectation.test(message));
  const failed = tests.filter(({ status }) => status !== "passed");
  const empty = testResults.filter(({ assertionResults }) => assertionResults.length === 0);
  return {
    caughtBy: failed.filter(isCaught).map(({ fullName }) => fullName.trim()),
    passed: tests.length - failed.length,
    otherwise: [
      ...empty.map(({ name }) => `${name} ran no test`),
      ...failed.filter((test) => !isCaught(test)).map(({ fullName, status }) => `${status}: ${fullName.trim()}`),
    ],
  };
}
