import { isObject } from "./errors.ts";
import { S3Refused } from "./s3-error.ts";
import type { S3Bucket, S3Directory, S3Identity } from "./s3-store.ts";

interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** The lab knows no condition: one that allows does not apply, one that denies does. */
  readonly conditional: boolean;
}

/** Where and by whom a policy is to hold. */
type Place = Pick<S3Bucket, "namespace" | "name">;

/** Refuses a policy as ECS and versitygw do: no statement, an unknown principal, another bucket's resource. */
export function assertPolicy(text: string, bucket: Place, directory: S3Directory): void {
  const statements = parsePolicy(text);
  for (const { principals, resources } of statements) {
    const unknown = principals.find((name) => name !== "*" && !directory.knowsPrincipal(bucket.namespace, name));
    if (unknown !== undefined) throw malformed(`Invalid principal in policy: ${unknown}`);
    const foreign = resources.find((resource) => resource !== bucket.name && !resource.startsWith(`${bucket.name}/`));
    if (foreign !== undefined) throw malformed(`Policy has a resource outside the bucket: ${foreign}`);
  }
}

/** Refuses what is no policy, wherever it is to hold. */
export function assertPolicySyntax(text: string): void {
  parsePolicy(text);
}

/** Whether the policy lets somebody do this; what it does not mention is not allowed. */
export function policyAllows(
  bucket: S3Bucket,
  action: string,
  key: string,
  identity: S3Identity | undefined,
  directory: S3Directory,
): boolean {
  if (bucket.policy === undefined) return false;
  const resource = key === "" ? bucket.name : `${bucket.name}/${key}`;
  const matching = parsePolicy(bucket.policy).filter(
    (statement) =>
      statement.principals.some((principal) => isMeant(principal, identity, directory)) &&
      statement.actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      statement.resources.some((pattern) => matches(pattern, resource)),
  );
  if (matching.some(({ effect }) => effect === "Deny")) return false;
  return matching.some(({ effect, conditional }) => effect === "Allow" && !conditional);
}

/** As ECS gives it back: with empty ids, and one principal without its list. */
export function rewrittenPolicy(text: string): string {
  const document: unknown = JSON.parse(text);
  if (!isObject(document)) return text;
  const { Version, Id, Statement, ...rest } = document;
  const statements = (Array.isArray(Statement) ? Statement : [Statement]).filter(isObject).map(rewrittenStatement);
  const version = Version === undefined ? {} : { Version };
  return JSON.stringify({ ...version, Id: Id ?? "", ...rest, Statement: statements });
}

function rewrittenStatement({ Sid, Principal, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const principal = isObject(Principal)
    ? Object.fromEntries(Object.entries(Principal).map(([kind, names]) => [kind, scalar(names)]))
    : scalar(Principal);
  return { Sid: Sid ?? "", Principal: principal, ...rest };
}

function scalar(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function parsePolicy(text: string): Statement[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed("Policies must be valid JSON.");
  }
  if (!isObject(document)) throw malformed("A policy must be a JSON object.");
  const { Version, Statement } = document;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17")
    throw malformed("Invalid Version.");
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  if (Statement === undefined || statements.length === 0) throw malformed("Missing required field Statement.");
  return statements.map(parseStatement);
}

function parseStatement(value: unknown): Statement {
  if (!isObject(value)) throw malformed("A statement must be an object.");
  const negated = ["NotPrincipal", "NotAction", "NotResource"].find((name) => Object.hasOwn(value, name));
  if (negated !== undefined) throw new S3Refused("NotImplemented", `The lab does not implement ${negated}.`);
  const { Effect, Principal, Action, Resource, Condition } = value;
  if (Effect !== "Allow" && Effect !== "Deny") throw malformed(`Invalid effect: ${String(Effect)}`);
  const actions = texts(Action, "Action");
  const odd = actions.find((action) => action !== "*" && !/^s3:[\w*?]+$/i.test(action));
  if (odd !== undefined) throw malformed(`Policy has invalid action: ${odd}`);
  if (Condition !== undefined && !isObject(Condition)) throw malformed("Condition must be an object.");
  return {
    effect: Effect,
    principals: principals(Principal),
    actions,
    resources: texts(Resource, "Resource").map((resource) => resource.replace(/^arn:aws:s3:::/, "")),
    conditional: Object.keys(Condition ?? {}).length > 0,
  };
}

function principals(value: unknown): string[] {
  if (!isObject(value)) return texts(value, "Principal");
  const kinds = Object.entries(value);
  const unknown = kinds.find(([kind]) => kind !== "AWS" && kind !== "CanonicalUser");
  if (kinds.length === 0 || unknown !== undefined) throw malformed("Invalid principal in policy.");
  return kinds.flatMap(([, names]) => texts(names, "Principal"));
}

function texts(value: unknown, name: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const all = list.filter((item) => typeof item === "string" && item !== "") as string[];
  if (all.length === 0 || all.length < list.length) throw malformed(`Missing or invalid field ${name}.`);
  return all;
}

function isMeant(principal: string, identity: S3Identity | undefined, directory: S3Directory): boolean {
  if (principal === "*") return true;
  if (identity === undefined) return false;
  if (directory.isPrincipal !== undefined) return directory.isPrincipal(principal, identity);
  return principal === identity.owner || principal === identity.displayName;
}

/** `*` stands for any text, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su").test(text);
}

function malformed(message: string): S3Refused {
  return new S3Refused("MalformedPolicy", message);
}
