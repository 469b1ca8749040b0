import type { CloudStackLabState, LabControl } from "../../test/harness/lab.ts";
import { approved, drifted, driftGate, Phases } from "./phases.ts";
import type { Pulumi } from "./pulumi.ts";
import { detail, type PhaseLine } from "./report.ts";
import {
  bucket,
  liveStores,
  secondaryStorageIn,
  sites,
  sitesName,
  sitesSetting,
  storageBudget,
  storeName,
} from "./secondary-storage.ts";
import { expectEmpty, expectEmptyCloudStack, expectEqual, expectShown } from "./surprise.ts";

const templateId = "1f0c6a52-3b7d-4e98-a1c4-60d2f9b8e573";
const templateName = "debian-golden";

/** The third scene: a HyperStore as CloudStack's secondary storage. Every phase checks what it claims. */
export class CloudStackScene {
  readonly #pulumi: Pulumi;
  readonly #lab: LabControl;
  readonly #phases: Phases;

  constructor(pulumi: Pulumi, lab: LabControl, lines: PhaseLine[]) {
    this.#pulumi = pulumi;
    this.#lab = lab;
    this.#phases = new Phases("CloudStack: secondary storage on the HyperStore", lab, lines);
  }

  async runUpToDestroy(): Promise<void> {
    // A template takes minutes to be downloaded, and some seconds in the lab.
    await this.#lab.patch("cloudstack", { options: { downloadSeconds: 0, downloadPolls: 1 } });
    const made = "the whole procedure; the template is ready";
    await this.#phases.run("pulumi up", made, storageBudget.create, async () => {
      await this.#pulumi.run(["up", ...approved]);
      await this.#expectWholeProcedure();
    });
    await this.#phases.unchangedPreview(this.#pulumi);
    await this.#driftAndRepair();
    await this.#refuseWhatHoldsATemplate();
  }

  async runDestroy(): Promise<void> {
    await this.#phases.run("pulumi destroy", "in reverse; nothing is left", storageBudget.destroy, async () => {
      await this.#pulumi.run(["destroy", ...approved]);
      const { cloudian, cloudstack } = await this.#lab.state();
      expectEmptyCloudStack(cloudstack);
      expectEmpty(cloudian);
    });
  }

  async #expectWholeProcedure(): Promise<void> {
    const { cloudian, cloudstack } = await this.#lab.state();
    const { id, provider, url } = secondaryStorageIn(cloudstack.imageStores);
    const s3 = Object.keys(cloudian.s3Buckets);
    const address = url?.replace(/^https?:\/\/[^/]+/, "");
    expectEqual("The store is not the bucket.", [s3, provider, address], [[bucket], "S3", `/${bucket}`]);
    expectEqual("The networks are not open.", sitesIn(cloudstack), sites);
    const staged = liveStores(cloudstack.imageStores).filter(({ role }) => role === "ImageCache");
    expectEqual("Not every zone has a staging store.", staged.length, Object.keys(cloudstack["zones"] ?? {}).length);
    expectEqual("The template is not ready.", systemTemplateOn(cloudstack, id), "DOWNLOADED");
  }

  async #driftAndRepair(): Promise<void> {
    await this.#phases.run("somebody's hands", "the store read-only, a network closed", 0, () => this.#changeByHand());
    await this.#phases.run("drift gate", "exit code 7; both shown", storageBudget.read, async () => {
      const output = await this.#pulumi.run(driftGate, drifted);
      expectShown("The drift gate does not show both changes.", output, [
        `GlobalSetting::${sitesName}] ~ members: [ + [1]: "10.20.40.0/24" ]`,
        `S3SecondaryStorage::${storeName}] ~ readOnly: true => false`,
        "~ 2 to update",
      ]);
    });
    const requests = storageBudget.read + storageBudget.repair;
    await this.#phases.run("pulumi up --refresh", "both repaired", requests, async () => {
      await this.#pulumi.run(["up", "--refresh", ...approved]);
      const state = await this.#cloudStack();
      const { readOnly } = secondaryStorageIn(state.imageStores);
      expectEqual("Not both changes are repaired.", [readOnly, sitesIn(state)], [false, sites]);
    });
  }

  async #changeByHand(): Promise<void> {
    const { id, name } = secondaryStorageIn((await this.#cloudStack()).imageStores);
    const [first = ""] = sites.split(",");
    await this.#lab.patch("cloudstack", {
      imageStores: { [id]: { readOnly: true } },
      settings: { [sitesSetting]: first },
    });
    detail(`store ${name}: takes no new data`);
    detail(`setting ${sitesSetting}: only ${first} is left`);
  }

  async #refuseWhatHoldsATemplate(): Promise<void> {
    const { id, name } = secondaryStorageIn((await this.#cloudStack()).imageStores);
    const template = { name: templateName, type: "USER", stores: { [id]: { state: "DOWNLOADED" } } };
    await this.#lab.patch("cloudstack", { templates: { [templateId]: template } });
    detail(`a user's template "${templateName}" is on the store`);
    const refused = "a user's template is on the store: refused";
    await this.#phases.run("pulumi destroy", refused, storageBudget.refusedDestroy, async () => {
      const output = await this.#pulumi.run(["destroy", ...approved], 1);
      expectShown("The refusal is not shown.", output, [
        `S3 secondary storage ${name} is not deleted:`,
        `It holds 1 user template (${templateName}).`,
        'keep the store without new data: onDestroy: "readOnly"',
      ]);
      secondaryStorageIn((await this.#cloudStack()).imageStores);
    });
    await this.#phases.run("somebody's hands", "the template deleted", 0, () =>
      this.#lab.patch("cloudstack", { templates: { [templateId]: null } }),
    );
  }

  async #cloudStack(): Promise<CloudStackLabState> {
    return (await this.#lab.state()).cloudstack;
  }
}

function sitesIn(state: CloudStackLabState): unknown {
  return (state["settings"]?.[sitesSetting] as { readonly value: unknown } | undefined)?.value;
}

/** How far the template of system VMs is on a store. */
function systemTemplateOn(state: CloudStackLabState, storeId: string): string | undefined {
  const templates = Object.values(state["templates"] ?? {}) as LabTemplate[];
  return templates.find(({ type }) => type === "SYSTEM")?.stores[storeId]?.state;
}

interface LabTemplate {
  readonly type: string;
  readonly stores: Readonly<Record<string, { readonly state: string }>>;
}
