/** One command of a shell block: its words without quotes, `NAME=value` prefixes and the file behind `>` apart. */
export interface Command {
  readonly assignments: readonly string[];
  readonly words: readonly string[];
  readonly output?: string;
}

/**
 * The commands of a block, those inside `$(…)` before the one that uses them. It reads what examples need (quotes,
 * comments, continued lines, `>`, `&&`, `||`, `;`, `|`, `&`) and throws at the rest.
 */
export function commandsOf(block: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let redirected: string[] = [];
  const finish = () => {
    const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
    const split = first < 0 ? words.length : first;
    const output = redirected.length > 0 ? { output: redirected.join("") } : {};
    if (words.length > 0) commands.push({ assignments: words.slice(0, split), words: words.slice(split), ...output });
    words = [];
    redirected = [];
  };
  let rest = block.replaceAll("\\\n", " ");
  while (rest !== "") {
    const [separator] = /^(?:\n|&&|\|\|?|;|&)/.exec(rest) ?? [];
    const [blank] = /^(?:[ \t]+|#[^\n]*)/.exec(rest) ?? [];
    if (separator !== undefined) finish();
    if (separator !== undefined || blank !== undefined) {
      rest = rest.slice((separator ?? blank ?? "").length);
      continue;
    }
    const [arrow = ""] = /^>[ \t]*/.exec(rest) ?? [];
    rest = rest.slice(arrow.length);
    const { word, inner, length } = wordAt(rest);
    for (const text of inner) commands.push(...commandsOf(text));
    (arrow === "" ? words : redirected).push(word);
    rest = rest.slice(length);
  }
  finish();
  return commands;
}

const part = /^(?:'([^']*)'|"((?:\\.|[^"\\])*)"|\$\(([^()]*)\)|\\(.)|([^\s'"\\;&|<>`()#]|#)+)/;

function wordAt(text: string): { word: string; inner: string[]; length: number } {
  let word = "";
  let at = 0;
  const inner: string[] = [];
  while (at < text.length && !/[\s;&|]/.test(text[at] ?? "")) {
    const match = part.exec(text.slice(at));
    if (!match) throw new Error(`The checker does not read this: ${text.slice(at, at + 40)}`);
    const [all, single, double, command] = match;
    if (command !== undefined) inner.push(command);
    if (double !== undefined) inner.push(...[...double.matchAll(/\$\(([^()]*)\)/g)].map(([, text = ""]) => text));
    word += single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? all;
    at += all.length;
  }
  return { word, inner, length: at };
}
