import { ApiFailure, type Item, saidOfCreation, textIn } from "./answers.ts";
import type { CloudStackApi, Parameters } from "./api.ts";
import { detailParameters } from "./image-stores.ts";
import { byId, SharedList } from "./shared-list.ts";

export interface Pool {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly providerName: string;
}

/** CloudStack's calls on object storage pools (reference: CloudStack API, 8.1). */
export class PoolCalls {
  readonly #api: CloudStackApi;
  readonly #shared: SharedList<Pool>;

  constructor(api: CloudStackApi) {
    this.#api = api;
    this.#shared = new SharedList(() => this.list());
  }

  async list(filter: Parameters = {}): Promise<Pool[]> {
    const call = { what: "list object storage pools", command: "listObjectStoragePools", parameters: filter };
    return (await this.#api.list(call, "objectstore")).map(poolOf);
  }

  /** Undefined where CloudStack says that there is no pool of this id. */
  async byId(id: string): Promise<Pool | undefined> {
    return await byId(this.#shared, id, () => this.list({ id }));
  }

  async add(pool: Omit<Pool, "id">, details: Parameters): Promise<Pool> {
    const parameters = { name: pool.name, url: pool.url, provider: pool.providerName, ...detailParameters(details) };
    const call = { what: `add object storage pool ${pool.name}`, command: "addObjectStoragePool", parameters } as const;
    return await this.#shared.changing(async () => {
      try {
        return poolOf(await this.#api.orderObject({ ...call, effect: "once", slow: true }, "objectstore"));
      } catch (error) {
        throw saidOfCreation(error, error instanceof ApiFailure ? await this.#adviceOn(error, pool.providerName) : "");
      }
    });
  }

  async update(id: string, changes: { readonly name?: string; readonly url?: string }): Promise<void> {
    const call = { what: `change object storage pool ${id}`, command: "updateObjectStoragePool", slow: true } as const;
    const change = { ...call, parameters: { id, ...changes }, effect: "repeatable" } as const;
    await this.#shared.changing(() => this.#api.order(change));
  }

  /** `ApiFailure` is what CloudStack says where the pool has buckets. */
  async delete(id: string): Promise<"deleted" | ApiFailure> {
    const call = { what: `delete object storage pool ${id}`, command: "deleteObjectStoragePool", parameters: { id } };
    return await this.#shared.changing(() => this.#api.remove(call));
  }

  /** Names with their owners; CloudStack returns the owners' keys beside them, which stay here. */
  async buckets(id: string): Promise<string[]> {
    const call = { what: `list the buckets of pool ${id}`, command: "listBuckets" };
    const items = await this.#api.list({ ...call, parameters: { objectstorageid: id, listall: "true" } }, "bucket");
    return items.map((item) => {
      const owner = textIn(item, "account") ?? textIn(item, "project");
      return `${textIn(item, "name")}${owner === undefined ? "" : ` (${owner})`}`;
    });
  }

  async #adviceOn(error: ApiFailure, providerName: string): Promise<string> {
    if (!error.text.includes("can't find object store provider")) return "";
    const { text } = await this.#api.release();
    return (
      ` CloudStack ${text} has no object storage provider "${providerName}": MinIO came with 4.19, Ceph with 4.20, ` +
      `Cloudian HyperStore with 4.21, ECS later. Choose another provider, or upgrade CloudStack.`
    );
  }
}

function poolOf(item: Item): Pool {
  return {
    id: textIn(item, "id") ?? "",
    name: textIn(item, "name") ?? "",
    url: textIn(item, "url") ?? "",
    providerName: textIn(item, "providername") ?? "",
  };
}
