import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report, Resource } from "../../provider/cli/drift/report.ts";
import { handlerOf } from "../../provider/handlers.ts";
import { documentedShape } from "../harness/documented-shape.ts";
import {
  type Change,
  changeUnmanaged,
  deleteObjects,
  firstChanges,
  type Ids,
  identities,
  idsOf,
  make,
  secondChanges,
} from "./cli-drift-changes.ts";
import { prepare, program } from "./cli-drift-estate.ts";
import { DriftProject } from "./cli-drift-project.ts";

const schema = documentedShape("drift");

type Line = Pick<Change, "of" | "path" | "recorded" | "live">;

describe("every managed property of every kind", { shuffle: false }, () => {
  let project: DriftProject;
  let ids: Ids;

  beforeAll(async () => {
    project = await DriftProject.open(program);
    await prepare(project.control);
    await project.up();
    await project.control.patch("cloudstack", { options: { release: null } });
    ids = await idsOf(project.control);
  });
  afterAll(async () => {
    await project?.close();
  });

  /** What the report says, after it has been looked at from all sides. */
  async function reported(code: number): Promise<Report> {
    await project.control.clearRequests();
    const before = project.storedFiles();
    const run = await project.drift(["--json"]);
    expect(run).toMatchObject({ code });
    const report = JSON.parse(run.stdout) as Report;
    expect(schema.safeParse(report)).toMatchObject({ success: true });
    const requests = await project.control.requests();
    expect(requests.length).toBeGreaterThan(20);
    expect(requests.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
    expect(project.storedFiles()).toEqual(before);
    expect(report.resources.filter(({ undeployed }) => undeployed !== "none")).toEqual([]);
    const secrets = ["First-Pass-1", "secret-of-access-1", "secret-of-pool", "secret-of-ecs-pool", "access-1"];
    expect(secrets.filter((secret) => run.stdout.includes(secret) || run.stderr.includes(secret))).toEqual([]);
    return report;
  }

  test("the changes below are all that can be changed: a new property needs one", () => {
    const changed = [...firstChanges(ids), ...secondChanges(ids)].map(({ of, path }) => [
      of.split(" ")[0],
      rootOf(path),
    ]);
    for (const [kind, fixed] of Object.entries(identities)) {
      const { args, local = [], writeOnly = [] } = handlerOf(kind) ?? {};
      const readable = Object.keys(args?.shape ?? {}).filter((key) => ![...local, ...writeOnly].includes(key));
      const covered = changed.flatMap(([of, property]) => (of === kind && property ? [property] : []));
      expect([kind, ...new Set([...fixed, ...covered])].sort()).toEqual([kind, ...readable].sort());
    }
  });

  test("nothing changed, and everything changed that nothing manages: nothing is reported but what is not compared", async () => {
    await changeUnmanaged(project.control, ids);
    const report = await reported(0);
    expect(report).toMatchObject({ verdict: "none", project: "drift-test", stack: "dev" });
    expect(linesOf(report)).toEqual([]);
    const notCompared = report.resources.filter((resource) => resource.notCompared.length > 0);
    expect(
      Object.fromEntries(notCompared.map((each) => [nameOf(each), each.notCompared.map((one) => one.property)])),
    ).toEqual({
      "CloudianUser full": ["password"],
      "ObjectStoragePool cloudian": ["cloudian"],
      "ObjectStoragePool ecs": ["ecs"],
      "ObjectStoragePool full": ["s3"],
      "S3Bucket full": ["storagePolicy"],
      "S3SecondaryStorage bare": ["accessKeyId", "secretAccessKey"],
      "S3SecondaryStorage full": [
        "accessKeyId",
        "secretAccessKey",
        "s3Signer",
        "connectionTimeoutMs",
        "socketTimeoutMs",
        "maxErrorRetry",
        "connectionTtlMs",
        "useTcpKeepAlive",
      ],
    });
  });

  test("one half of the properties changed: that half is reported, each with both values", async () => {
    const changes = firstChanges(ids);
    await make(project.control, changes);
    expect(linesOf(await reported(7))).toEqual(sorted(changes));
  });

  test("the other half changed as well: all are reported", async () => {
    const changes = secondChanges(ids);
    await make(project.control, changes);
    expect(linesOf(await reported(7))).toEqual(sorted([...firstChanges(ids), ...changes]));
  });

  test("objects that were deleted are gone, and no property of them is reported", async () => {
    await deleteObjects(project.control, ids);
    const report = await reported(7);
    expect(report.resources.filter(({ drift }) => drift === "gone").map(nameOf)).toEqual([
      "CloudianGroup full",
      "CloudianUser full",
      "EcsBucket full",
      "EcsObjectUser full",
      "GlobalSetting scoped",
      "ObjectStoragePool full",
      "S3Bucket full",
      "S3SecondaryStorage full",
      "SecondaryStagingStore full",
    ]);
    const left = [...firstChanges(ids), ...secondChanges(ids)].filter(({ of }) =>
      /^GlobalSetting (full|members)$/.test(of),
    );
    expect(linesOf(report)).toEqual(sorted(left));
  });
});

function rootOf(path: string): string | undefined {
  return path.split(/[.[]/)[0];
}

function nameOf({ kind, name }: Resource): string {
  return `${kind} ${name}`;
}

function linesOf({ resources }: Report): Line[] {
  return sorted(
    resources.flatMap((resource) =>
      resource.properties.map(({ path, recorded, live }) => ({ of: nameOf(resource), path, recorded, live })),
    ),
  );
}

function sorted(lines: readonly Line[]): Line[] {
  return lines
    .map(({ of, path, recorded, live }) => ({ of, path, recorded, live }))
    .sort((one, other) => (`${one.of} ${one.path}` < `${other.of} ${other.path}` ? -1 : 1));
}
