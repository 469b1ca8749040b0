import { OutcomeUnknown, UnexpectedAnswer } from "../core/errors.ts";
import { brokenAdvice, quoted } from "../core/http.ts";
import { type Fault, isHtml, KeyRefused, saidBy } from "./answers.ts";
import { ContentsClient } from "./contents-client.ts";
import { type PlainCorsRule, rulesFrom, rulesTo } from "./cors.ts";
import { policyIn } from "./policy.ts";

/** When a bucket was made and what time it is, by the clock of the service. */
export interface CreationDate {
  readonly createdMs: number;
  readonly nowMs: number;
}

/** One S3 service as one principal: a method for each request, and nothing above that. */
export class S3Client extends ContentsClient {
  /**
   * `absent` and `foreign` are what the service says in an error document. An answer to HEAD has no body, so that its
   * 404 may be another server's, and its 403 a wrong key: then a GET asks why.
   */
  async headBucket(bucket: string): Promise<"there" | "absent" | "foreign"> {
    return (await this.#head(bucket)) === "there" ? "there" : await this.#whyNotSeen(bucket);
  }

  /**
   * As `headBucket`, with one request where there is no bucket: a creation may follow, so that the 404 is believed. After
   * anything else that would not be safe: some services answer `created` for a bucket that the caller has.
   */
  async headBeforeCreation(bucket: string): Promise<"there" | "absent" | "foreign"> {
    const seen = await this.#head(bucket);
    return seen === "unclear" ? await this.#whyNotSeen(bucket) : seen;
  }

  /** `exists`: whose it is, this answer does not say. Some services answer `created` for a bucket that the caller has. */
  async createBucket(bucket: string, headers?: Readonly<Record<string, string>>): Promise<"created" | "exists"> {
    const reply = await this.caller.call(
      {
        what: `create bucket ${bucket}`,
        effect: "once",
        understands: coded("BucketAlreadyExists", "BucketAlreadyOwnedByYou"),
        ...(headers ? { headers } : {}),
      },
      (sdk) => new sdk.CreateBucketCommand({ Bucket: bucket }),
    );
    if (!reply.fault) return "created";
    // An earlier attempt that was turned down may have made it all the same.
    if (reply.attempts > 1)
      throw new OutcomeUnknown(
        `Could not create bucket ${bucket}: ${this.endpoint} answered ${saidBy(reply.fault)} to attempt ${reply.attempts}. Run the same command again.`,
      );
    return "exists";
  }

  /** The buckets of the key's user, or the first of many: a request that every key may make. */
  async firstBuckets(): Promise<string[]> {
    const { output } = await this.caller.call(
      { what: "list buckets", effect: "read", document: "ListAllMyBucketsResult" },
      (sdk) => new sdk.ListBucketsCommand({}),
    );
    return (output.Buckets ?? []).map(({ Name }) => Name ?? "");
  }

  /** For proofs of age: undefined where the key may not list buckets, or the service does not list this one or sends no date. */
  async creationDate(bucket: string): Promise<CreationDate | undefined> {
    const call = {
      what: `list buckets to find ${bucket}`,
      effect: "read",
      document: "ListAllMyBucketsResult",
      understands: coded("AccessDenied"),
    } as const;
    const seen = new Set<string>();
    for (let token: string | undefined; ; ) {
      const reply = await this.caller.call(
        call,
        (sdk) => new sdk.ListBucketsCommand(token === undefined ? {} : { ContinuationToken: token }),
      );
      if (reply.fault) return undefined;
      const { Buckets = [], ContinuationToken } = reply.output;
      const created = Buckets.find(({ Name }) => Name === bucket)?.CreationDate?.getTime();
      const nowMs = reply.answer.date;
      if (created !== undefined && !Number.isNaN(created) && nowMs !== undefined) return { createdMs: created, nowMs };
      if (created !== undefined || !ContinuationToken || seen.has(ContinuationToken)) return undefined;
      seen.add(ContinuationToken);
      token = ContinuationToken;
    }
  }

  /** Never versioned and suspended are both false. */
  async getVersioning(bucket: string): Promise<boolean> {
    const reply = await this.caller.call(
      { what: `read the versioning of bucket ${bucket}`, effect: "read", document: "VersioningConfiguration" },
      (sdk) => new sdk.GetBucketVersioningCommand({ Bucket: bucket }),
    );
    return reply.output.Status === "Enabled";
  }

  async putVersioning(bucket: string, on: boolean): Promise<void> {
    const Status = on ? "Enabled" : "Suspended";
    await this.caller.call(
      { what: `${on ? "enable" : "suspend"} the versioning of bucket ${bucket}`, effect: "repeatable" },
      (sdk) => new sdk.PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }),
    );
  }

  /** The text of a JSON object. */
  async getPolicy(bucket: string): Promise<string | undefined> {
    const what = `read the policy of bucket ${bucket}`;
    const reply = await this.caller.call(
      { what, effect: "read", understands: coded("NoSuchBucketPolicy") },
      (sdk) => new sdk.GetBucketPolicyCommand({ Bucket: bucket }),
    );
    if (reply.fault) return undefined;
    const text = reply.output.Policy ?? "";
    if (policyIn(text)) return text;
    throw new UnexpectedAnswer(
      `Could not ${what}: ${this.endpoint} answered ${reply.answer.status}, but with no policy${quoted(text)}. ${brokenAdvice}`,
      reply.answer.status,
    );
  }

  async putPolicy(bucket: string, json: string): Promise<void> {
    await this.caller.call(
      { what: `write the policy of bucket ${bucket}`, effect: "repeatable" },
      (sdk) => new sdk.PutBucketPolicyCommand({ Bucket: bucket, Policy: json }),
    );
  }

  /** Sends the deletion only where a policy has just been read: a service that does not know it deletes the bucket. */
  async deletePolicy(bucket: string): Promise<void> {
    const live = policyIn((await this.getPolicy(bucket)) ?? "{}");
    if (live?.["Statement"] === undefined) return;
    await this.caller.call(
      { what: `delete the policy of bucket ${bucket}`, effect: "repeatable", understands: coded("NoSuchBucketPolicy") },
      (sdk) => new sdk.DeleteBucketPolicyCommand({ Bucket: bucket }),
    );
  }

  async getCors(bucket: string): Promise<PlainCorsRule[]> {
    const reply = await this.caller.call(
      {
        what: `read the CORS rules of bucket ${bucket}`,
        effect: "read",
        document: "CORSConfiguration",
        understands: coded("NoSuchCORSConfiguration"),
      },
      (sdk) => new sdk.GetBucketCorsCommand({ Bucket: bucket }),
    );
    return reply.fault ? [] : rulesFrom(reply.output.CORSRules ?? []);
  }

  async putCors(bucket: string, rules: readonly PlainCorsRule[]): Promise<void> {
    const CORSConfiguration = { CORSRules: rulesTo(rules) };
    await this.caller.call(
      { what: `write the CORS rules of bucket ${bucket}`, effect: "repeatable" },
      (sdk) => new sdk.PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration }),
    );
  }

  /** As for the policy. */
  async deleteCors(bucket: string): Promise<void> {
    if ((await this.getCors(bucket)).length === 0) return;
    await this.caller.call(
      {
        what: `delete the CORS rules of bucket ${bucket}`,
        effect: "repeatable",
        understands: coded("NoSuchCORSConfiguration"),
      },
      (sdk) => new sdk.DeleteBucketCorsCommand({ Bucket: bucket }),
    );
  }

  async getTags(bucket: string): Promise<Record<string, string>> {
    const reply = await this.caller.call(
      {
        what: `read the tags of bucket ${bucket}`,
        effect: "read",
        document: "Tagging",
        understands: coded("NoSuchTagSet"),
      },
      (sdk) => new sdk.GetBucketTaggingCommand({ Bucket: bucket }),
    );
    if (reply.fault) return {};
    return Object.fromEntries((reply.output.TagSet ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
  }

  async putTags(bucket: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.caller.call(
      { what: `write the tags of bucket ${bucket}`, effect: "repeatable" },
      (sdk) => new sdk.PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet } }),
    );
  }

  /** As for the policy. */
  async deleteTags(bucket: string): Promise<void> {
    if (Object.keys(await this.getTags(bucket)).length === 0) return;
    await this.caller.call(
      { what: `delete the tags of bucket ${bucket}`, effect: "repeatable", understands: coded("NoSuchTagSet") },
      (sdk) => new sdk.DeleteBucketTaggingCommand({ Bucket: bucket }),
    );
  }

  /** `notEmpty` is what the service says, status, code and message. */
  async deleteBucket(bucket: string): Promise<"deleted" | { readonly notEmpty: string }> {
    const { fault } = await this.caller.call(
      {
        what: `delete bucket ${bucket}`,
        effect: "repeatable",
        understands: (fault) => saysAbsent(fault) || fault.code === "BucketNotEmpty",
      },
      (sdk) => new sdk.DeleteBucketCommand({ Bucket: bucket }),
    );
    return fault?.code === "BucketNotEmpty" ? { notEmpty: saidBy(fault) } : "deleted";
  }

  async #head(bucket: string): Promise<"there" | "absent" | "unclear"> {
    const { fault, answer } = await this.caller.call(
      {
        what: `look for bucket ${bucket}`,
        effect: "read",
        understands: ({ status }) => status < 500 && status !== 429,
      },
      (sdk) => new sdk.HeadBucketCommand({ Bucket: bucket }),
    );
    if (isHtml(answer)) return "unclear";
    if (!fault) return "there";
    return fault.status === 404 ? "absent" : "unclear";
  }

  async #whyNotSeen(bucket: string): Promise<"there" | "absent" | "foreign"> {
    const what = `look for bucket ${bucket}`;
    try {
      const { fault } = await this.caller.call(
        { what, effect: "read", document: "LocationConstraint", understands: saysAbsent },
        (sdk) => new sdk.GetBucketLocationCommand({ Bucket: bucket }),
      );
      return fault ? "absent" : "there";
    } catch (error) {
      if (error instanceof KeyRefused && error.serviceCode === "AccessDenied") return "foreign";
      throw error;
    }
  }
}

/** What else answers so does not say it of this bucket. */
function saysAbsent({ status, code }: Fault): boolean {
  return status === 404 && code === "NoSuchBucket";
}

function coded(...codes: readonly string[]): (fault: Fault) => boolean {
  return ({ code }) => code !== undefined && codes.includes(code);
}
