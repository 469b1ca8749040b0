import { Conflict, FailedHalfway } from "../core/errors.ts";
import { ApiFailure, flagIn, type Item, objectIn, textIn } from "./answers.ts";
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
    const what = `add secondary storage ${name}`;
    this.#shared.forget();
    try {
      const parameters = { name, provider: "S3", url, ...detailParameters(details) };
      const answer = await this.#api.order({ what, command: "addImageStore", parameters, effect: "once", slow: true });
      return storeOf(objectIn(answer, "imagestore", what));
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (error.text.includes("already exists")) throw new Conflict(error.message);
      throw new FailedHalfway(error.message);
    }
  }

  async update(id: string, changes: { readonly name?: string; readonly readOnly?: boolean }): Promise<ImageStore> {
    const what = `change secondary storage ${id}`;
    this.#shared.forget();
    const parameters = {
      id,
      ...(changes.name === undefined ? {} : { name: changes.name }),
      ...(changes.readOnly === undefined ? {} : { readonly: String(changes.readOnly) }),
    };
    const answer = await this.#api.order({ what, command: "updateImageStore", parameters, effect: "repeatable" });
    return storeOf(objectIn(answer, "imagestore", what));
  }

  async delete(id: string): Promise<"deleted" | ApiFailure> {
    this.#shared.forget();
    return await this.#api.remove({
      what: `delete secondary storage ${id}`,
      command: "deleteImageStore",
      parameters: { id },
    });
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
