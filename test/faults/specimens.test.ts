import { afterAll, beforeAll, expect, test } from "vitest";
import { handlerOf } from "../../provider/handlers.ts";
import { Arena } from "../harness/battery/arena.ts";
import type { Specimen } from "../harness/battery/specimen.ts";
import { everySpecimen } from "../harness/battery/specimens/all.ts";

/** Arguments that no specimen gives, and why what they lead to is faulted all the same, or elsewhere. */
const left: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CloudianGroup: { adopt: "the takeover of what exists has tests of its own" },
  CloudianUser: {
    adopt: "the takeover of what exists has tests of its own",
    userType: "a field of the document that is sent with or without it",
  },
  EcsObjectUser: {
    adopt: "the takeover of what exists has tests of its own",
    namespace: "given by the settings, and part of each request from there as well",
  },
  EcsBucket: {
    adopt: "the takeover of what exists has tests of its own",
    allowNonDnsName: "read by the check alone, which sends nothing",
    namespace: "given by the settings, and part of each request from there as well",
  },
  S3Bucket: {
    adopt: "the takeover of what exists has tests of its own",
    pathStyle: "another form of the address, with the same requests",
    region: "part of the signature, with the same requests",
    storagePolicy: "a header of the request that makes the bucket",
  },
  S3SecondaryStorage: {
    adopt: "the takeover of what exists has tests of its own",
    connectionTimeoutMs: "a detail in the request that adds the store",
    connectionTtlMs: "a detail in the request that adds the store",
    socketTimeoutMs: "a detail in the request that adds the store",
    useTcpKeepAlive: "a detail in the request that adds the store",
    verifyBucket: "off, it leaves out a request that is sent otherwise",
  },
  ObjectStoragePool: { ecs: "details in the request that adds the pool, as those of the other two providers" },
};

let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena.close());

const kinds = [...new Set(everySpecimen.map(({ kind }) => kind))];

test.each(kinds)("each argument of %s is given by a specimen, or left out for a reason", (kind) => {
  const given = everySpecimen.filter((specimen) => specimen.kind === kind).flatMap(argumentsOf);
  const known = Object.keys(handlerOf(kind)?.args.shape ?? {});
  expect([...new Set([...given, ...Object.keys(left[kind] ?? {})])].toSorted()).toEqual(known.toSorted());
  expect(given.filter((name) => Object.hasOwn(left[kind] ?? {}, name))).toEqual([]);
});

function argumentsOf({ inputs, updates, replacement }: Specimen): string[] {
  const changes = [...updates, ...(replacement ? [replacement] : [])];
  return [inputs(arena), ...changes.map((change) => change.inputs)].flatMap((values) => Object.keys(values));
}
