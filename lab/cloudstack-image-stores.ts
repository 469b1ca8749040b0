import { type Answer, list, object, succeeded } from "./cloudstack-answer.ts";
import { namesOf } from "./cloudstack-apis.ts";
import {
  type Call,
  type Commands,
  fits,
  hasKeyword,
  optional,
  optionalDetails,
  optionalEntity,
  optionalFlag,
  optionalWhole,
  required,
  requiredEntity,
} from "./cloudstack-call.ts";
import { invalid } from "./cloudstack-error.ts";
import { liveStores, removeStore, storeDocument } from "./cloudstack-image-store.ts";
import { addStore } from "./cloudstack-image-store-add.ts";
import { atLeast, type Release } from "./cloudstack-options.ts";
import type { CloudStackStore, ImageStore } from "./cloudstack-store.ts";

/** The live stores of a role that a list command's filters let through. */
export function filteredStores(call: Call, role: ImageStore["role"]): object[] {
  const stores = liveStores(call.store, role);
  optionalEntity(call, "id", stores);
  const zone = optionalEntity(call, "zoneid", call.store.zones);
  const readOnly = atLeast(call.store.options, [4, 15]) ? optionalFlag(call, "readonly") : undefined;
  return [...stores.values()]
    .filter((store) => fits(optional(call, "id"), store.id) && fits(optional(call, "name"), store.name))
    .filter((store) => fits(optional(call, "provider"), store.provider) && fits(zone?.id, store.zoneId))
    .filter((store) => fits(optional(call, "protocol"), store.protocol))
    .filter((store) => readOnly === undefined || store.readOnly === readOnly)
    .filter((store) => hasKeyword(call, store.name, store.provider))
    .map((store) => storeDocument(call.store, store));
}

function listStores(call: Call): Answer {
  return list("imagestore", filteredStores(call, "Image"));
}

function addGeneric(call: Call): Answer {
  const added = addStore(call, {
    provider: required(call, "provider"),
    name: optional(call, "name"),
    url: optional(call, "url"),
    zone: optionalEntity(call, "zoneid", call.store.zones),
    details: optionalDetails(call),
  });
  return object("imagestore", storeDocument(call.store, added));
}

const s3Params = [
  "accesskey! secretkey! endpoint! bucket!",
  "usehttps connectiontimeout sockettimeout maxerrorretry connectionttl usetcpkeepalive",
].join(" ");

const wholeParams = ["connectiontimeout", "sockettimeout", "maxerrorretry", "connectionttl"];

const signers = ["S3SignerType", "AWSS3V4SignerType"];

/** Without name, URL or zone: each call makes a store of its own. A signer that it does not know is dropped. */
function addS3(call: Call): Answer {
  for (const name of wholeParams) optionalWhole(call, name);
  const signer = optional(call, "s3signer") ?? "";
  const given = namesOf(call.store.options, s3Params).flatMap(({ name }) => {
    const value = optional(call, name);
    return value === undefined ? [] : [[name, value]];
  });
  const details = Object.fromEntries(signers.includes(signer) ? [...given, ["s3signer", signer]] : given);
  const added = addStore(call, { provider: "S3", name: undefined, url: undefined, zone: undefined, details });
  return object("imagestore", storeDocument(call.store, added));
}

/** What a release does not know is ignored in silence; a new name is not compared with others. */
function updateStore(call: Call): Answer {
  const { options } = call.store;
  const imageStore = requiredEntity(call, "id", liveStores(call.store));
  imageStore.readOnly = optionalFlag(call, "readonly") ?? imageStore.readOnly;
  if (atLeast(options, renaming)) {
    imageStore.name = optional(call, "name") ?? imageStore.name;
    imageStore.capacityBytes = optionalWhole(call, "capacitybytes") ?? imageStore.capacityBytes;
  }
  return object("imagestore", storeDocument(call.store, imageStore));
}

const renaming: Release = [4, 20];

/** The role is not checked: the id of a staging store will do. */
function deleteStore(call: Call): Answer {
  const { store } = call;
  const imageStore = requiredEntity(call, "id", liveStores(store));
  const problem = contentProblem(store, imageStore.id);
  if (problem !== undefined) throw invalid(problem);
  removeStore(store, imageStore);
  return succeeded();
}

/** System and built-in templates do not count. */
function contentProblem({ snapshots, volumes, templates }: CloudStackStore, id: string): string | undefined {
  if ([...snapshots.values()].some(({ storeId }) => storeId === id)) {
    return "Cannot delete image store with active snapshots backup!";
  }
  if ([...volumes.values()].some(({ storeId }) => storeId === id)) {
    return "Cannot delete image store with active volumes backup!";
  }
  const users = [...templates.values()].filter(({ type, state }) => type === "USER" && state === "Active");
  return users.some(({ stores }) => stores.has(id))
    ? "Cannot delete image store with active Templates backup!"
    : undefined;
}

const fields =
  "id name url protocol providername scope zoneid zonename details readonly@4.15 disksizetotal@4.15 disksizeused@4.15 hasannotations@4.16 endpoint@next bucket@next";

export const imageStoreCommands: Commands = {
  listImageStores: {
    run: listStores,
    changes: false,
    params: "id keyword name page pagesize protocol provider readonly@4.15 zoneid",
    fields,
  },
  addImageStore: { run: addGeneric, changes: true, params: "provider! name url zoneid details", fields },
  addImageStoreS3: {
    run: addS3,
    changes: true,
    since: [4, 7],
    envelope: { success: "addImageStoreS3Response", error: "addImageStoreS3Response" },
    params: `${s3Params} s3signer`,
    fields,
  },
  updateImageStore: {
    run: updateStore,
    changes: true,
    since: [4, 15],
    envelope: { success: "updateImageStoreresponse", error: "updateImageStore" },
    params: "id! readonly name@4.20 capacitybytes@4.20",
    fields,
  },
  deleteImageStore: { run: deleteStore, changes: true, params: "id!" },
};
