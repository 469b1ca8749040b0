import { type ApiFailure, flagIn, type Item, saidOfCreation, textIn } from "./answers.ts";
import type { CloudStackApi, Parameters } from "./api.ts";
import { byId, SharedList } from "./shared-list.ts";

/** A store of the role Image: secondary storage. */
export interface ImageStore {
  readonly id: string;
  readonly name: string;
  readonly providerName: string;
  readonly url: string | undefined;
  readonly protocol: string | undefined;
  readonly zoneName: string | undefined;
  /** Releases before 4.15 know no read-only stores. */
  readonly readOnly: boolean;
  /** Both in releases after 4.22 only. */
  readonly endpoint: string | undefined;
  readonly bucket: string | undefined;
}

/** CloudStack's calls on secondary storage, one method a call (reference: CloudStack API, 3). */
export class ImageStoreCalls {
  readonly #api: CloudStackApi;
  readonly #shared: SharedList<ImageStore>;

  constructor(api: CloudStackApi) {
    this.#api = api;
    this.#shared = new SharedList(() => this.list());
  }

  async list(filter: Parameters = {}): Promise<ImageStore[]> {
    const call = { what: "list secondary storage", command: "listImageStores", parameters: filter };
    return (await this.#api.list(call, "imagestore")).map(storeOf);
  }

  async byName(name: string): Promise<ImageStore | undefined> {
    return (await this.list({ name })).find((store) => store.name === name);
  }

  /** Undefined where CloudStack says that there is no store of this id. */
  async byId(id: string): Promise<ImageStore | undefined> {
    return await byId(this.#shared, id, () => this.list({ id }));
  }

  /** Throws `FailedHalfway` on any error: CloudStack keeps a store whose preparation has failed. */
  async addS3(name: string, url: string, details: Parameters): Promise<ImageStore> {
    const parameters = { name, provider: "S3", url, ...detailParameters(details) };
    const call = { what: `add secondary storage ${name}`, command: "addImageStore", parameters, slow: true } as const;
    return await this.#shared.changing(async () => {
      try {
        return storeOf(await this.#api.orderObject({ ...call, effect: "once" }, "imagestore"));
      } catch (error) {
        throw saidOfCreation(error);
      }
    });
  }

  /**
   * Turns all NFS secondary storage of the cloud into staging stores, for ever, and adds this store then. The caller has
   * to look what is there afterwards, whatever comes of it: it may stop between the two (reference: CloudStack API, 5.1).
   */
  async convertToS3(name: string, url: string, details: Parameters): Promise<void> {
    const parameters = { name, provider: "S3", url, ...detailParameters(details) };
    const what = "turn NFS secondary storage into staging stores";
    const call = { what, command: "updateCloudToUseObjectStore", parameters, slow: true } as const;
    await this.#shared.changing(() => this.#api.order({ ...call, effect: "once" }));
  }

  async update(id: string, changes: { readonly name?: string; readonly readOnly?: boolean }): Promise<void> {
    const parameters = {
      id,
      ...(changes.name === undefined ? {} : { name: changes.name }),
      ...(changes.readOnly === undefined ? {} : { readonly: String(changes.readOnly) }),
    };
    const call = { what: `change secondary storage ${id}`, command: "updateImageStore", parameters } as const;
    await this.#shared.changing(() => this.#api.order({ ...call, effect: "repeatable" }));
  }

  async delete(id: string): Promise<"deleted" | ApiFailure> {
    const call = { what: `delete secondary storage ${id}`, command: "deleteImageStore", parameters: { id } };
    return await this.#shared.changing(() => this.#api.remove(call));
  }
}

/** A map as CloudStack takes it: numbered pairs. */
export function detailParameters(details: Parameters): Parameters {
  const pairs = Object.entries(details).flatMap(([key, value], index) => [
    [`details[${index}].key`, key],
    [`details[${index}].value`, value],
  ]);
  return Object.fromEntries(pairs);
}

function storeOf(item: Item): ImageStore {
  return {
    id: textIn(item, "id") ?? "",
    name: textIn(item, "name") ?? "",
    providerName: textIn(item, "providername") ?? "",
    url: textIn(item, "url"),
    protocol: textIn(item, "protocol"),
    zoneName: textIn(item, "zonename"),
    readOnly: flagIn(item, "readonly"),
    endpoint: textIn(item, "endpoint"),
    bucket: textIn(item, "bucket"),
  };
}
