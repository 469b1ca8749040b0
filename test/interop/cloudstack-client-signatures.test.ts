import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signatureOf } from "../../provider/cloudstack/signature.ts";
import { surroundings } from "../harness/interop/surroundings.ts";
import { CsStage, pairsOf, s3Details } from "./clients/cs-stage.ts";

type Params = Readonly<Record<string, string>>;

const { cs } = surroundings();
let stage: CsStage;

if (cs) {
  describe(cs.name, () => {
    beforeAll(async () => {
      stage = await CsStage.open(cs);
    });
    afterAll(() => stage.close());

    describe("signatures", signatureSuite);
  });
}

/** Marks that an encoding may treat in a way of its own; line ends are the only control characters that CloudStack takes. */
const marks = [..."+/=&%*'()!\"#$,:;<>?@[\\]^_`{|}-. \n\r"];
const letters = [..."aZ09äßİıЖ中ﬀ\u00a0\u0301\u2028\ufeff😀", "👩‍👩‍👧", "%2B", "%7e", "details[0].key="];
const anyOther = fc
  .string({ unit: "binary", minLength: 1, maxLength: 1 })
  .filter((character) => /^[^\p{Cc}~]$/u.test(character));

const value = fc
  .array(fc.oneof(fc.constantFrom(...marks), fc.constantFrom(...letters), anyOther), { maxLength: 24, size: "max" })
  .map((parts) => parts.join(""));

/** Lists, so that a lab that takes them changes nothing; what a command does not know is left alone by the server. */
const request = fc
  .record({
    command: fc.constantFrom("listImageStores", "listSecondaryStagingStores", "listConfigurations", "listZones"),
    // Upper case sorts first, and some clients send it.
    spelling: fc.constantFrom(["apikey", "signatureversion"] as const, ["apiKey", "signatureVersion"] as const),
    details: fc.array(fc.tuple(value, value), { maxLength: 12, size: "max" }),
    known: fc.record({ name: value, keyword: value, provider: value }, { requiredKeys: [] }),
    unknown: fc.dictionary(fc.stringMatching(/^x[A-Za-z0-9.[\]_-]{0,8}$/), value, { maxKeys: 6, size: "max" }),
  })
  .map(({ command, spelling: [key, version], details, known, unknown }) => {
    const pairs = details.flatMap(([name, text], index) => [
      [`details[${index}].key`, name],
      [`details[${index}].value`, text],
    ]);
    return { ...unknown, ...known, ...Object.fromEntries(pairs), command, response: "json", [key]: "", [version]: "3" };
  });

const seed = 20_130_611;
const requests: readonly Params[] = fc.sample(request, { seed, numRuns: 1_000 });

/** The requests as the lab's administrator would send them. */
function prepared(some: readonly Params[]): Params[] {
  const { apiKey } = stage.addresses.cloudstack;
  const expires = new Date(Date.now() + 600_000).toISOString().replace(/\.\d+Z$/, "+0000");
  return some.map((params) => ({ ...params, expires, ["apikey" in params ? "apikey" : "apiKey"]: apiKey }));
}

function ourSignatures(some: readonly Params[]): string[] {
  return some.map((params) => signatureOf(params, stage.addresses.cloudstack.secretKey));
}

/** How many of the requests were answered with which status. */
async function statuses(some: readonly Params[], signatures: readonly string[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const [index, params] of some.entries()) {
    const body = new URLSearchParams({ ...params, signature: signatures[index] ?? "" });
    const response = await fetch(stage.addresses.cloudstack.endpoint, { method: "POST", body });
    // Read to its end, the connection serves the next one.
    await response.arrayBuffer();
    counts[response.status] = (counts[response.status] ?? 0) + 1;
  }
  return counts;
}

const vectorKeys = { key: "Test-Api_Key.001", secret: "Test-Secret_Key.001" };
const usual = { apikey: vectorKeys.key, expires: "2030-01-02T03:04:05+0000", response: "json", signatureversion: "3" };

const addition = (secretkey: string): Params => {
  const pairs = pairsOf({ ...s3Details, secretkey }).flatMap(({ key, value }, index) => [
    [`details[${index}].key`, key],
    [`details[${index}].value`, value],
  ]);
  return {
    ...usual,
    command: "addImageStore",
    name: "Cloudian S3 (main)",
    provider: "S3",
    ...Object.fromEntries(pairs),
  };
};

function signatureSuite(): void {
  test("it computes the published vectors", async () => {
    const list = { ...usual, command: "listImageStores", page: "1", pagesize: "500", provider: "S3" };
    const mixed = { apiKey: vectorKeys.key, apiZone: "a", apifoo: "b", command: "listZones", response: "json" };
    expect(await stage.signatures([list, addition("s3cr3t/+!*() é"), mixed], vectorKeys)).toEqual([
      "XHrDIG1lgQNdVLiJ//4PcHj3vGs=",
      "QSVclEchPvNzIkYej/3i1NjEai4=",
      "eSb2OOVY1avSs/Hv6IZ0JZyrCe8=",
    ]);
  });

  test("1,000 random requests without ~: it computes what our client does, and the lab takes it", async () => {
    const texts = requests.flatMap((params) => Object.values(params));
    const all = texts.join("");
    expect([...marks, ...letters].filter((part) => !all.includes(part))).toEqual([]);
    expect({ empty: texts.includes(""), tilde: all.includes("~") }).toEqual({ empty: true, tilde: false });
    // From the eleventh on, the order of the names is not that of the numbers.
    expect(requests.filter((params) => "details[10].value" in params).length).toBeGreaterThan(50);

    const some = prepared(requests);
    const theirs = await stage.signatures(some);
    expect(new Set(theirs).size).toBe(1_000);
    expect(ourSignatures(some)).toEqual(theirs);
    expect(await statuses(some, theirs)).toEqual({ 200: 1_000 });
  });

  test("the same with ~ in a value: it computes another, and the lab takes ours alone", async () => {
    const tilde = (params: Params): Params => ({ ...params, keyword: `${params["keyword"] ?? ""}~` });
    const some = prepared(requests.map(tilde));
    const [ours, theirs] = [ourSignatures(some), await stage.signatures(some)];
    expect(ours.filter((signature, index) => signature === theirs[index])).toEqual([]);
    expect(await statuses(some, ours)).toEqual({ 200: 1_000 });
    expect(await statuses(some, theirs)).toEqual({ 401: 1_000 });
  });

  test("the published vector with ~, which it misses, and a call of its own", async () => {
    const params = addition("s3cr3t/+~!*() é");
    expect(signatureOf(params, vectorKeys.secret)).toBe("rAbibG0+54X3CL+p+GHpkH7+po0=");
    expect(await stage.signatures([params], vectorKeys)).toEqual(["OB99zGHEJ5BcQfAsUqyjvKsrURU="]);
    expect(await stage.ask("listZones", { keyword: "a-b" })).toEqual({});
    const refusal = { status: 401, errorText: expect.stringContaining("unable to verify") };
    await expect(stage.ask("listZones", { keyword: "a~b" })).rejects.toMatchObject(refusal);
  });
}
