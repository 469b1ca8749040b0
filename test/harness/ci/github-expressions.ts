/** What expressions can name, such as `github` and `secrets`. */
export type Contexts = Readonly<Record<string, unknown>>;

/** A text with its `${{ … }}` filled in. */
export function filledIn(text: string, contexts: Contexts): string {
  return String(text).replaceAll(/\$\{\{(.+?)\}\}/g, (_, expression: string) => String(evaluate(expression, contexts)));
}

/** An expression of a workflow, as far as the templates use them; throws at everything else, and at what is not there. */
export function evaluate(expression: string, contexts: Contexts): unknown {
  const text = expression.trim();
  const [, left, operator, right] = /^(.+?)\s*(==|!=)\s*(.+)$/.exec(text) ?? [];
  if (left !== undefined && right !== undefined) {
    const same = evaluate(left, contexts) === evaluate(right, contexts);
    return operator === "==" ? same : !same;
  }
  // No job here is cancelled.
  if (text === "!cancelled()") return true;
  const [, literal] = /^'([^']*)'$/.exec(text) ?? [];
  if (literal !== undefined) return literal;
  const found = text.split(".").reduce<unknown>((value, name) => memberOf(value, name), contexts);
  if (found === undefined) throw new Error(`There is no ${text}.`);
  return found;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
