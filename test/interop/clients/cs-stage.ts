import { type Lab, type LabAddresses, startLab } from "../../../lab/index.ts";
import type { Client } from "../../harness/interop/surroundings.ts";
import { LabControl } from "../../harness/lab.ts";
import { Cs, type CsOptions } from "./cs.ts";

/** A lab of its own, and `cs` beside it with the keys of the administrator. */
export class CsStage {
  readonly control: LabControl;
  readonly addresses: LabAddresses;
  readonly #lab: Lab;
  readonly #cs: Cs;

  private constructor(lab: Lab, cs: Cs) {
    this.control = new LabControl(lab.addresses.control);
    this.addresses = lab.addresses;
    this.#lab = lab;
    this.#cs = cs;
  }

  static async open(client: Client): Promise<CsStage> {
    return new CsStage(await startLab({ portBase: 0 }), new Cs(client));
  }

  /** What stands in the envelope of the answer; rejects with a `CsRefusal`. */
  readonly ask = async (command: string, args: object = {}, more: Partial<CsOptions> = {}): Promise<unknown> =>
    await this.#cs.call({ ...this.#admin(), ...more }, command, args);

  async signatures(
    requests: readonly Readonly<Record<string, string>>[],
    more: Partial<CsOptions> = {},
  ): Promise<string[]> {
    return await Promise.all(requests.map((params) => this.#cs.signature({ ...this.#admin(), ...more }, params)));
  }

  /** The id of secondary storage on S3 that it has added. */
  async addS3Store(name: string, details: Readonly<Record<string, string>>, more: object = {}): Promise<string> {
    const added = await this.ask("addImageStore", { provider: "S3", name, details: pairsOf(details), ...more });
    return (added as { imagestore: { id: string } }).imagestore.id;
  }

  async close(): Promise<void> {
    await this.#cs.close();
    await this.#lab.close();
  }

  #admin(): CsOptions {
    const { endpoint, apiKey: key, secretKey: secret } = this.addresses.cloudstack;
    return { endpoint, key, secret, method: "post", poll_interval: 0.1 };
  }
}

/** A map as `cs` takes it, which numbers the pairs. */
export function pairsOf(map: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }));
}

/** Those of the reference's second vector. */
export const s3Details = {
  accesskey: "AKIA+Test/Key=01",
  secretkey: "s3cr3t/+!*() é",
  bucket: "cs-secondary",
  endpoint: "https://s3.example.test:443",
  usehttps: "true",
} as const;
