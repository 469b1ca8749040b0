import ts from "typescript";

/** What a doc comment says of a field. */
export interface Marked {
  readonly text: string;
  readonly initial?: string;
  readonly serverInitial?: string;
  readonly replaces?: string;
  readonly removing?: string;
}

const marks = {
  "Server default": "serverInitial",
  Default: "initial",
  Replaces: "replaces",
  "Removing it": "removing",
} as const;

/** Paragraphs stay apart; the line breaks within one are the editor's. */
export function commentOf(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = comments.map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? "").join("\n\n");
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s*\n\s*/g, " ").trim())
    .join("\n\n");
}

/** Takes the sentences `Default: …`, `Replaces: …` and so on out of a comment; what is left is the description. */
export function markedText(comment: string): Marked {
  const found: Partial<Record<(typeof marks)[keyof typeof marks], string>> = {};
  const [first = "", ...parts] = comment.split(/(?:^|\s+)(?=(?:Server default|Default|Replaces|Removing it): )/);
  const rest: string[] = first === "" ? [] : [first];
  for (const part of parts) {
    const [, mark, sentence, more] = /^([\w ]+): ((?:`[^`]*`|[^.`]|\.(?=\S))*)\.?(?:\s+([\s\S]*))?$/.exec(part) ?? [];
    if (mark === undefined || sentence === undefined) throw new Error(`A mark cannot be read: ${part}`);
    found[marks[mark as keyof typeof marks]] = sentence;
    if (more) rest.push(more);
  }
  return { text: rest.join(" "), ...found };
}

/** The name or form of an id that a class comment tells with "id is …". */
export function idIn(comment: string): string {
  return /\bid is (?:the )?((?:`[^`]*`|[^.`])+)/.exec(comment)?.[1]?.trim() ?? "";
}

/** Whether a description calls its field secret, as components and functions do, which have no table of properties. */
export function callsSecret(text: string): boolean {
  return /(?:^|[.;] )secret[.;,]/i.test(text);
}
