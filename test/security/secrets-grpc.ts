/** One call between the engine and a program, a provider or a language host. */
interface Call {
  readonly method: string;
  readonly [part: string]: unknown;
}

/**
 * What the engine tells others in plain text of its own accord: a program its configuration, and a provider process all
 * inputs and recorded outputs, because the dynamic provider server of every Pulumi SDK declines marks.
 */
const toldByEngine = new Set([
  "/pulumirpc.LanguageRuntime/Run",
  ...["CheckConfig", "DiffConfig", "Configure", "Check", "Diff", "Create", "Update", "Read", "Delete"].map(
    (name) => `/pulumirpc.ResourceProvider/${name}`,
  ),
]);

const markKey = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** The messages that a PULUMI_DEBUG_GRPC file holds, without what the engine says in plain and without marked secrets. */
export function messagesIn(content: string): { readonly method: string; readonly text: string }[] {
  const lines = content.split("\n").filter(Boolean);
  return lines.map((line) => {
    const { method, request, ...others } = JSON.parse(line) as Call;
    const parts = toldByEngine.has(method) ? others : { request, ...others };
    return { method, text: JSON.stringify(withoutMarked(parts)) };
  });
}

/** The same without what is marked as a secret. */
export function withoutMarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarked);
  if (typeof value !== "object" || value === null) return value;
  const members = value as Readonly<Record<string, unknown>>;
  if (members[markKey] === secretMark) return "a secret";
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, withoutMarked(member)]));
}
