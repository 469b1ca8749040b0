import type { EcsLabState, LabControl } from "../../test/harness/lab.ts";
import { approved, drifted, driftGate, Phases } from "./phases.ts";
import type { Pulumi } from "./pulumi.ts";
import { detail, type PhaseLine } from "./report.ts";
import { expectEmptyEcs, expectEqual, expectShown, Surprise } from "./surprise.ts";
import { backups, type Edit, edits, type TenantProgram, tenantBudget, website } from "./tenant.ts";
import { clientRequests, contents, TenantClient, type TenantOutputs } from "./tenant-client.ts";

const preview = ["preview", "--suppress-outputs", "--non-interactive"];
const quotaByHand = 900;

/** The second scene: a tenant with two buckets on a Dell ECS. Every phase checks what it claims. */
export class EcsScene {
  readonly #pulumi: Pulumi;
  readonly #program: TenantProgram;
  readonly #namespace: string;
  readonly #lab: LabControl;
  readonly #phases: Phases;

  constructor(pulumi: Pulumi, program: TenantProgram, namespace: string, lab: LabControl, lines: PhaseLine[]) {
    this.#pulumi = pulumi;
    this.#program = program;
    this.#namespace = namespace;
    this.#lab = lab;
    this.#phases = new Phases("Dell ECS: a tenant with two buckets", lab, lines);
  }

  async runUpToDestroy(): Promise<void> {
    // An array takes minutes to empty a bucket in the background, and the lab one.
    await this.#lab.patch("ecs", { options: { emptyBucketSeconds: 0 } });
    await this.#phase("pulumi up", "one user, two buckets made", tenantBudget.create, async () => {
      await this.#pulumi.run(["up", ...approved]);
    });
    await this.#phases.unchangedPreview(this.#pulumi);
    await this.#driftAndRepair();
    await this.#refusedChanges();
    await this.#fillAndRefuse();
  }

  async runDestroy(): Promise<void> {
    await this.#phase("pulumi destroy", "both emptied; no token is left", tenantBudget.destroy, async () => {
      await this.#pulumi.run(["destroy", ...approved]);
      expectEmptyEcs((await this.#lab.state()).ecs);
    });
  }

  async #driftAndRepair(): Promise<void> {
    const name = await this.#nameOf(backups);
    await this.#phase("somebody's hands", "a quota raised, a bucket opened to everybody", 0, () =>
      this.#changeByHand(name),
    );
    await this.#phase("drift gate", "exit code 7; both shown", tenantBudget.read, async () => {
      const output = await this.#pulumi.run(driftGate, drifted);
      expectShown("The drift gate does not show both changes.", output.replaceAll(/ +:/g, ":"), [
        `EcsBucket::${backups}] ~ policy: "public" => "private" ~ quotaGiB: ${quotaByHand} => 500`,
        "~ 1 to update",
      ]);
    });
    await this.#phase("pulumi up --refresh", "both repaired", tenantBudget.read + tenantBudget.repair, async () => {
      await this.#pulumi.run(["up", "--refresh", ...approved]);
      const bucket = (await this.#ecs()).buckets[`${this.#namespace}/${name}`];
      expectEqual("The bucket is not as declared.", [bucket?.["blockSize"], bucket?.["policy"]], [500, null]);
    });
  }

  async #refusedChanges(): Promise<void> {
    await this.#refused(edits.withoutEncryption, "encryption cannot change: refused, exit code 1", [
      "encryption: cannot be changed from true to false: ECS fixes the encryption of a bucket when it is made",
      "Declare a new bucket beside it and move the objects, or change bucketName in the same update",
    ]);
    await this.#refused(edits.withObjectLock, "object lock is not managed: refused, exit code 1", [
      "objectLock: object lock is not managed by this provider.",
    ]);
  }

  async #refused(edit: Edit, happened: string, sentences: readonly string[]): Promise<void> {
    await this.#phase("pulumi preview", happened, tenantBudget.refused, async () => {
      this.#program.edit(edit);
      const output = await this.#pulumi.run(preview, 1);
      expectShown("The refusal is not shown.", output, [backups, ...sentences]);
      this.#program.undo();
    });
  }

  async #fillAndRefuse(): Promise<void> {
    const [backupsName, websiteName] = [await this.#nameOf(backups), await this.#nameOf(website)];
    await this.#phase("the tenant", "stores objects; anybody reads, nobody lists", clientRequests, async () => {
      const client = new TenantClient(await this.#outputs());
      await client.fill(backupsName, websiteName);
      await client.readAsAnybody(this.#namespace);
      detail(`${backupsName}: ${contents}`);
      detail(`${websiteName}/index.html: read without a key`);
    });
    await this.#phase("pulumi destroy", "a bucket in use: refused", tenantBudget.refusedDestroy, async () => {
      const output = await this.#pulumi.run(["destroy", "--target", `**::${backups}`, ...approved], 1);
      expectShown("The refusal is not shown.", output, [
        `ECS bucket ${this.#namespace}/${backupsName} is not deleted, because it is not empty:`,
        `It holds ${contents}.`,
        "forceDestroy: true would delete all of it; switch it on with a pulumi up first",
      ]);
    });
    await this.#phase("pulumi up", "forceDestroy switched on", tenantBudget.forceDestroy, async () => {
      this.#program.edit(edits.withForceDestroy);
      await this.#pulumi.run(["up", ...approved]);
    });
  }

  /** After every command the array has to hold as many tokens as before: none. */
  async #phase(phase: string, happened: string, requests: number, run: () => Promise<void>): Promise<void> {
    await this.#phases.run(phase, happened, requests, async () => {
      await run();
      expectEqual("A token is left on the array.", (await this.#ecs()).sessions.live, 0);
    });
  }

  async #changeByHand(name: string): Promise<void> {
    const open = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${name}/*` };
    const policy = { Version: "2012-10-17", Statement: [open] };
    const buckets = { [`${this.#namespace}/${name}`]: { blockSize: quotaByHand, policy } };
    await this.#lab.patch("ecs", { buckets });
    detail(`bucket ${name}: quota raised to ${quotaByHand} GiB`);
    detail(`bucket ${name}: a policy lets everybody read`);
  }

  /** The derived name of a bucket. */
  async #nameOf(logicalName: string): Promise<string> {
    const ids = Object.keys((await this.#ecs()).buckets);
    const id = ids.find((candidate) => candidate.startsWith(`${this.#namespace}/${logicalName}-`));
    if (id === undefined) throw new Surprise(`The lab has no bucket ${logicalName}.`, "one bucket", ids);
    return id.slice(this.#namespace.length + 1);
  }

  async #outputs(): Promise<TenantOutputs> {
    return JSON.parse(await this.#pulumi.read(["stack", "output", "--json", "--show-secrets"])) as TenantOutputs;
  }

  async #ecs(): Promise<EcsLabState> {
    return (await this.#lab.state()).ecs;
  }
}
