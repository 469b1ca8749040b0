import { type ApiFailure, type Item, saidOfCreation, textIn } from "./answers.ts";
import type { CloudStackApi, Parameters } from "./api.ts";
import { byId, SharedList } from "./shared-list.ts";

/** A store of the role ImageCache; its name is its URL. */
export interface StagingStore {
  readonly id: string;
  readonly url: string;
  readonly zoneId: string;
}

/** CloudStack's calls on staging stores, one method a call (reference: CloudStack API, 4). */
export class StagingStoreCalls {
  readonly #api: CloudStackApi;
  readonly #shared: SharedList<StagingStore>;

  constructor(api: CloudStackApi) {
    this.#api = api;
    this.#shared = new SharedList(() => this.list());
  }

  async list(filter: Parameters = {}): Promise<StagingStore[]> {
    const call = { what: "list staging stores", command: "listSecondaryStagingStores", parameters: filter };
    // They come under the name of the other role.
    return (await this.#api.list(call, "imagestore")).map(storeOf);
  }

  /** The one list that all reads of a run share. */
  async known(): Promise<StagingStore[]> {
    return await this.#shared.read();
  }

  /** Undefined where CloudStack says that there is no store of this id. */
  async byId(id: string): Promise<StagingStore | undefined> {
    return await byId(this.#shared, id, () => this.list({ id }));
  }

  /** Answers an existing store of this URL, whatever its role, as if it had just been made; so it may be repeated. */
  async create(url: string, zoneId: string): Promise<StagingStore> {
    const parameters = { url, zoneid: zoneId, provider: "NFS", scope: "zone" };
    const call = { what: `make staging store ${url}`, command: "createSecondaryStagingStore", parameters } as const;
    return await this.#shared.changing(async () => {
      try {
        const change = { ...call, effect: "repeatable", slow: true } as const;
        return storeOf(await this.#api.orderObject(change, "secondarystorage"));
      } catch (error) {
        throw saidOfCreation(error);
      }
    });
  }

  async delete(id: string): Promise<"deleted" | ApiFailure> {
    const call = { what: `delete staging store ${id}`, command: "deleteSecondaryStagingStore", parameters: { id } };
    return await this.#shared.changing(() => this.#api.remove(call));
  }
}

function storeOf(item: Item): StagingStore {
  return {
    id: textIn(item, "id") ?? "",
    url: textIn(item, "url") ?? textIn(item, "name") ?? "",
    zoneId: textIn(item, "zoneid") ?? "",
  };
}
