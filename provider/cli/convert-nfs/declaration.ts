import type { StoreDetails } from "../../cloudstack/store-details.ts";
import { SettingsError } from "../../core/errors.ts";
import { normalizeEndpoint } from "../../core/names.ts";
import { rememberSecret } from "../../core/redact.ts";
import { onlyOneOf, type ProjectFlags, required, UsageError, wholeNumber } from "../flags.ts";
import { folderOf, projectFolderOf } from "../project.ts";
import { askPulumi } from "../pulumi.ts";

/** Secondary storage as the command line declares it. */
export interface DeclaredStore {
  readonly name: string;
  readonly details: StoreDetails;
}

export const declarationFlags = {
  endpoint: { type: "string" },
  bucket: { type: "string" },
  name: { type: "string" },
  "access-key-id": { type: "string" },
  "secret-access-key-env": { type: "string" },
  "secret-access-key-config": { type: "string" },
  "s3-signer": { type: "string" },
  "connection-timeout-ms": { type: "string" },
  "socket-timeout-ms": { type: "string" },
  "max-error-retry": { type: "string" },
  "connection-ttl-ms": { type: "string" },
  "use-tcp-keep-alive": { type: "boolean", default: false },
} as const;

type TextFlag = {
  [K in keyof typeof declarationFlags]: (typeof declarationFlags)[K]["type"] extends "string" ? K : never;
}[keyof typeof declarationFlags];

type Flags = ProjectFlags & { readonly [K in TextFlag]?: string } & { readonly "use-tcp-keep-alive": boolean };

/** CloudStack refuses control characters anywhere. */
const visible = /^\P{Cc}+$/u;

export async function declaredStore(flags: Flags): Promise<DeclaredStore> {
  const endpoint = endpointOf(required(flags.endpoint, "endpoint", "the S3 endpoint of the new store"));
  const bucket = required(flags.bucket, "bucket", "the bucket of the new store");
  const name = flags.name ?? bucket;
  const accessKeyId = required(flags["access-key-id"], "access-key-id", "the access key id of the bucket's owner");
  for (const [flag, text] of Object.entries({ bucket, name, "access-key-id": accessKeyId }))
    if (!visible.test(text)) throw new UsageError(`--${flag} must not hold control characters.`);
  // Databases compare names without the blanks behind them.
  if (name !== name.trim()) throw new UsageError("--name must not begin or end with a blank.");
  if (/[/?#]/.test(bucket)) throw new UsageError("--bucket must not contain /, ? or #.");
  const options = optionsOf(flags);
  const secretAccessKey = await secretOf(flags);
  rememberSecret(secretAccessKey);
  const useHttps = endpoint.startsWith("https:");
  return { name, details: { endpoint, bucket, accessKeyId, secretAccessKey, useHttps, ...options } };
}

function endpointOf(text: string): string {
  const endpoint = normalizeEndpoint(text);
  if (endpoint !== undefined && new URL(endpoint).pathname === "/") return endpoint;
  throw new UsageError("--endpoint must be an http or https URL without path, user, query or fragment.");
}

function optionsOf(flags: Flags): Partial<StoreDetails> {
  const numbers = {
    connectionTimeoutMs: wholeNumber(flags["connection-timeout-ms"], "connection-timeout-ms", 0),
    socketTimeoutMs: wholeNumber(flags["socket-timeout-ms"], "socket-timeout-ms", 0),
    maxErrorRetry: wholeNumber(flags["max-error-retry"], "max-error-retry", 0),
    connectionTtlMs: wholeNumber(flags["connection-ttl-ms"], "connection-ttl-ms", 0),
  };
  const signer = flags["s3-signer"];
  if (signer !== undefined && signer !== "v4" && signer !== "v2")
    throw new UsageError(`--s3-signer needs v4 or v2, not "${signer}".`);
  return {
    ...Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== undefined)),
    ...(signer === undefined ? {} : { s3Signer: signer }),
    ...(flags["use-tcp-keep-alive"] ? { useTcpKeepAlive: true } : {}),
  };
}

async function secretOf(flags: Flags): Promise<string> {
  const given = onlyOneOf({ ...flags }, ["secret-access-key-env", "secret-access-key-config"]);
  const variable = flags["secret-access-key-env"];
  if (variable !== undefined) return fromEnvironment(variable);
  const key = flags["secret-access-key-config"];
  if (given !== undefined && key !== undefined) return await fromConfiguration(flags, key);
  throw new UsageError(
    "--secret-access-key-env is missing: the environment variable that holds the secret access key (or give --secret-access-key-config).",
  );
}

function fromEnvironment(variable: string): string {
  const value = process.env[variable];
  // What was given may be the key itself.
  if (!/^[A-Za-z_]\w*$/.test(variable))
    throw new UsageError("--secret-access-key-env needs the name of an environment variable, never the key itself.");
  if (value) return value;
  // Letters and digits alone may be the key itself.
  const named = /^[A-Z_][A-Z0-9_]*$/.test(variable) ? `the environment variable ${variable}, which` : "a variable that";
  throw new UsageError(`--secret-access-key-env names ${named} is not set.`);
}

async function fromConfiguration(flags: ProjectFlags, key: string): Promise<string> {
  const folder = projectFolderOf(folderOf(flags));
  if (folder === undefined)
    throw new UsageError("--secret-access-key-config: there is no Pulumi project here. Name its folder with --cwd.");
  const stack = flags.stack === undefined ? [] : ["--stack", flags.stack];
  const { code, stdout, stderr } = await askPulumi(["config", "get", key, ...stack], { cwd: folder });
  const value = stdout.replace(/\n$/, "");
  if (code === 0 && value !== "") return value;
  throw new SettingsError(`Could not read ${key} from the stack configuration of ${folder}: ${stderr.trim()}`);
}
