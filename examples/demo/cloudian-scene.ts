import type { LabControl } from "../../test/harness/lab.ts";
import { budget, disabledUser, estate, renamedGroup, userWithoutKey } from "./estate.ts";
import { approved, drifted, driftGate, Phases } from "./phases.ts";
import type { Pulumi } from "./pulumi.ts";
import { detail, type PhaseLine } from "./report.ts";
import { expectEmpty, expectEqual, expectSamePair, expectShown, type KeyPair, Surprise } from "./surprise.ts";

const renamed = "purple";

/** The first scene: the quick start's estate on a HyperStore. Every phase checks what it claims. */
export class CloudianScene {
  readonly #pulumi: Pulumi;
  readonly #lab: LabControl;
  readonly #phases: Phases;

  constructor(pulumi: Pulumi, lab: LabControl, lines: PhaseLine[]) {
    this.#pulumi = pulumi;
    this.#lab = lab;
    this.#phases = new Phases("Cloudian HyperStore: CloudStack's domains and accounts", lab, lines);
  }

  async runUpToDestroy(): Promise<void> {
    const made = `${estate.groups} groups and ${estate.users} users made`;
    await this.#phases.run("pulumi up", made, budget.create, async () => {
      await this.#pulumi.run(["up", ...approved]);
      await this.#expectWholeEstate();
    });
    await this.#phases.unchangedPreview(this.#pulumi);
    const before = await this.#keyOf(userWithoutKey.key);
    await this.#phases.run("somebody's hands", "a user disabled, a key deleted, a group renamed", 0, () =>
      this.#changeByHand(before),
    );
    await this.#phases.run("drift gate", "exit code 7; all three shown", budget.read, () => this.#expectDrift());
    const repaired = "all three repaired; the deleted key is the very same pair again";
    await this.#phases.run("pulumi up --refresh", repaired, budget.read + budget.repair, async () => {
      await this.#pulumi.run(["up", "--refresh", ...approved]);
      await this.#expectRepaired(before);
    });
    await this.#phases.unchangedPreview(this.#pulumi);
  }

  async runDestroy(): Promise<void> {
    await this.#phases.run("pulumi destroy", "the lab is empty", budget.destroy, async () => {
      await this.#pulumi.run(["destroy", ...approved]);
      expectEmpty((await this.#lab.state()).cloudian);
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

  async #expectDrift(): Promise<void> {
    const output = await this.#pulumi.run(driftGate, drifted);
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
