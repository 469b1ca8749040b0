import type { LabControl } from "../../test/harness/lab.ts";
import { budget, disabledUser, estate, renamedGroup, userWithoutKey } from "./estate.ts";
import type { Pulumi } from "./pulumi.ts";
import { detail, heading, type PhaseLine } from "./report.ts";
import { expectEmpty, expectEqual, expectSamePair, expectShown, type KeyPair, Surprise } from "./surprise.ts";

const approved = ["--yes", "--skip-preview", "--suppress-outputs", "--non-interactive"];
const drifted = 7;
const renamed = "purple";

/** The demo's script; every phase checks what it claims and adds its line to the table. */
export class Script {
  readonly lines: PhaseLine[] = [];
  readonly #pulumi: Pulumi;
  readonly #lab: LabControl;

  constructor(pulumi: Pulumi, lab: LabControl) {
    this.#pulumi = pulumi;
    this.#lab = lab;
  }

  async runUpToDestroy(): Promise<void> {
    const made = `${estate.groups} groups and ${estate.users} users made`;
    await this.#phase("pulumi up", made, budget.create, async () => {
      await this.#pulumi.run(["up", ...approved]);
      await this.#expectWholeEstate();
    });
    await this.#unchangedPreview();
    const before = await this.#keyOf(userWithoutKey.key);
    await this.#phase("somebody's hands", "a user disabled, a key deleted, a group renamed", 0, () =>
      this.#changeByHand(before),
    );
    await this.#phase("drift gate", "exit code 7; all three shown", budget.read, () => this.#driftGate());
    const repaired = "all three repaired; the deleted key is the very same pair again";
    await this.#phase("pulumi up --refresh", repaired, budget.read + budget.repair, async () => {
      await this.#pulumi.run(["up", "--refresh", ...approved]);
      await this.#expectRepaired(before);
    });
    await this.#unchangedPreview();
  }

  async runDestroy(): Promise<void> {
    await this.#phase("pulumi destroy", "the lab is empty", budget.destroy, async () => {
      await this.#pulumi.run(["destroy", ...approved]);
      expectEmpty((await this.#lab.state()).cloudian);
    });
  }

  async #phase(phase: string, happened: string, requests: number, run: () => Promise<void>): Promise<void> {
    heading(`${this.lines.length + 1}. ${phase}`);
    await this.#lab.clearRequests();
    const start = performance.now();
    await run();
    const seconds = (performance.now() - start) / 1000;
    const sent = (await this.#lab.requests()).length;
    expectEqual(`The number of requests of "${phase}" is wrong.`, sent, requests);
    detail(`✓ ${happened} (${sent} requests, ${seconds.toFixed(1)} s)`);
    this.lines.push({ phase, happened, requests: sent, seconds });
  }

  async #unchangedPreview(): Promise<void> {
    await this.#phase("pulumi preview", "nothing to do, nobody asked", budget.unchanged, async () => {
      await this.#pulumi.run(["preview", "--expect-no-changes", "--suppress-outputs", "--non-interactive"]);
    });
  }

  async #expectWholeEstate(): Promise<void> {
    const { groups, users, credentials } = (await this.#lab.state()).cloudian;
    // The lab has a group and a user of its own.
    const found = { groups: count(groups) - 1, users: count(users) - 1, keys: count(credentials) };
    expectEqual("The lab does not hold the estate.", found, { ...estate, keys: estate.users });
  }

  async #changeByHand(key: KeyPair): Promise<void> {
    await this.#lab.patch("cloudian", {
      users: { [disabledUser.key]: { active: false } },
      credentials: { [key.accessKey]: null },
      groups: { [renamedGroup.key]: { groupName: renamed } },
    });
    detail(`user  ${disabledUser.resource}: disabled`);
    detail(`user  ${userWithoutKey.resource}: its key deleted`);
    detail(`group ${renamedGroup.resource}: renamed to "${renamed}"`);
  }

  async #driftGate(): Promise<void> {
    const gate = ["preview", "--refresh", "--diff", "--expect-no-changes", "--non-interactive", "--suppress-outputs"];
    const output = await this.#pulumi.run(gate, drifted);
    expectShown("The drift gate does not show all three changes.", output, [
      `CloudianUser::${disabledUser.resource}] ~ active: false => true`,
      `CloudianUser::${userWithoutKey.resource}] ~ keyGeneration: 0 => 1`,
      `CloudianGroup::${renamedGroup.resource}] ~ groupName: "${renamed}" =>`,
      "~ 3 to update",
    ]);
  }

  async #expectRepaired(before: KeyPair): Promise<void> {
    const { users, groups } = (await this.#lab.state()).cloudian;
    expectEqual("The disabled user does not work again.", users[disabledUser.key]?.["active"], "true");
    expectEqual("The group has not got its name back.", groups[renamedGroup.key]?.["groupName"], "/violet/");
    expectSamePair(before, await this.#findKeyOf(userWithoutKey.key));
  }

  async #keyOf(user: string): Promise<KeyPair> {
    const key = await this.#findKeyOf(user);
    if (key === undefined) throw new Surprise(`The user ${user} has no key.`, "one key", "none");
    return key;
  }

  async #findKeyOf(user: string): Promise<KeyPair | undefined> {
    const { credentials } = (await this.#lab.state()).cloudian;
    return Object.values(credentials).find((key) => `${key["groupId"]}/${key["userId"]}` === user) as
      | KeyPair
      | undefined;
  }
}

function count(members: object): number {
  return Object.keys(members).length;
}
