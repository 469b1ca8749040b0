/** Whether a name is among the wanted ones; `*` stands for any text and `?` for one character. No patterns: all are. */
export function nameFilter(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .replace(/[.+^${}()|[\]\\]/g, "\\$&")
          .replaceAll("*", ".*")
          .replaceAll("?", ".")}$`,
        "s",
      ),
  );
  return (name) => expressions.length === 0 || expressions.some((expression) => expression.test(name));
}

export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}
