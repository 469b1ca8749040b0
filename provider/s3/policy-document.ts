import type * as pulumi from "@pulumi/pulumi";
import type { Values } from "../core/values.ts";
import type { BucketPolicy } from "./shapes.ts";

/** A policy as a program gives it, without `pulumi.Input`. */
export type PlainPolicy = pulumi.Unwrap<BucketPolicy>;

export type PolicyDocument = Exclude<PlainPolicy, string>;
type Statement = PolicyDocument["Statement"][number];

const arn = "arn:aws:s3:::";

/**
 * A document in canonical form: every text a sorted list, resources with their prefix, no empty names, statements in a
 * fixed order. Members that S3 does not define stay as they are, so that a live document shows them.
 */
export function canonicalDocument(document: Values | PolicyDocument, defaultVersion: string): PolicyDocument {
  const { Version, Id, Statement, ...rest } = document as Values;
  const statements = listOf(Statement).map((statement) => canonicalStatement(statement));
  return {
    Version: Version ?? defaultVersion,
    ...named("Id", Id),
    ...rest,
    Statement: distinct(statements),
  } as PolicyDocument;
}

function canonicalStatement(statement: unknown): Statement {
  const { Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition, ...rest } =
    (statement ?? {}) as Values;
  return {
    ...named("Sid", Sid),
    Effect,
    ...given("Principal", Principal, principal),
    ...given("NotPrincipal", NotPrincipal, principal),
    ...given("Action", Action, texts),
    ...given("NotAction", NotAction, texts),
    ...given("Resource", Resource, resources),
    ...given("NotResource", NotResource, resources),
    ...given("Condition", Condition, condition),
    ...rest,
  } as Statement;
}

/** ECS also writes bare names. */
function principal(value: unknown): unknown {
  if (typeof value === "string" || Array.isArray(value)) return principal({ AWS: value });
  const { AWS, ...others } = value as Values;
  if (AWS === undefined || Object.keys(others).length > 0) return value;
  const users = texts(AWS);
  return users.includes("*") ? "*" : { AWS: users };
}

function resources(value: unknown): unknown[] {
  return texts(
    listOf(value).map((resource) =>
      typeof resource !== "string" || resource === "*" || resource.startsWith("arn:") ? resource : `${arn}${resource}`,
    ),
  );
}

/** Undefined where it demands nothing. */
function condition(value: unknown): unknown {
  const operators = sortedEntries(value).map(([operator, keys]) => [
    operator,
    Object.fromEntries(sortedEntries(keys).map(([key, values]) => [key, texts(values)])),
  ]);
  return operators.length === 0 ? undefined : Object.fromEntries(operators);
}

function sortedEntries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null
    ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
    : [];
}

/** A set of texts; services write numbers and truth values of conditions without quotes, too. */
function texts(value: unknown): unknown[] {
  const plain = listOf(value).map((item) => (typeof item === "object" ? item : String(item)));
  return [...new Set(plain)].sort();
}

function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function given(name: string, value: unknown, form: (value: unknown) => unknown): Values {
  const formed = value === undefined || value === null ? undefined : form(value);
  return formed === undefined ? {} : { [name]: formed };
}

function named(name: string, value: unknown): Values {
  return value === undefined || value === null || value === "" ? {} : { [name]: value };
}

function distinct(statements: Statement[]): Statement[] {
  const byText = new Map(statements.map((statement) => [JSON.stringify(statement), statement]));
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, statement]) => statement);
}
