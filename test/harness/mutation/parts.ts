/** Code that is mutated, and the tests that are to notice. */
export interface Part {
  name: string;
  mutate: readonly string[];
  tests: readonly string[];
}

/**
 * Tests that need the provider as a process (its output, its signals), the built package, or the oldest SDK say nothing
 * of a mutant, which lives in the process of the tests.
 */
export const withProcess = [
  "test/contract/cli-*.test.ts",
  "test/contract/{process,server,settings,surface,ecs-session,cloudstack-releases,cloudstack-lives,ecs-lives}.test.ts",
] as const;

const ofCloudian = "test/contract/{group,user,check,diff,absence,adoption,holding,faults,secrets}.test.ts";

export const parts: readonly Part[] = [
  {
    name: "core",
    mutate: ["provider/core/*.ts"],
    tests: [
      "test/unit/{adoption,canonical,checking,classes,connections,documents,doctor-*,farewell,hostile-values}.test.ts",
      "test/unit/{http,ledger,names,proxy,redact,retry,s3-client,secrecy,settings,spelling,tenancy}.test.ts",
      "test/property/system.test.ts",
      ofCloudian,
      "test/contract/transport.test.ts",
    ],
  },
  { name: "cloudian", mutate: ["provider/cloudian/*.handler.ts"], tests: [ofCloudian] },
  {
    name: "roster",
    mutate: ["provider/components/*.handler.ts"],
    tests: ["test/contract/roster.test.ts", "test/unit/roster.test.ts"],
  },
  {
    name: "ecs",
    mutate: ["provider/ecs/*.handler.ts"],
    tests: ["test/contract/ecs-*.test.ts", "test/unit/ecs-*.test.ts"],
  },
  {
    name: "s3",
    mutate: ["provider/s3/*.handler.ts"],
    tests: ["test/contract/s3-*.test.ts", "test/unit/s3-*.test.ts"],
  },
  {
    name: "cloudstack",
    mutate: ["provider/cloudstack/*.handler.ts"],
    tests: ["test/contract/cloudstack-*.test.ts", "test/unit/cloudstack-*.test.ts"],
  },
];
