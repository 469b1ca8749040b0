import { type ConnectorStore, newConnector } from "./cloudstack-connector-store.ts";
import { type Directory, newDirectory } from "./cloudstack-directory-store.ts";
import type { Job } from "./cloudstack-job.ts";
import { type CloudStackOptions, initialOptions } from "./cloudstack-options.ts";
import { newPools, type PoolStore } from "./cloudstack-pool-store.ts";
import { newSessions, type SessionStore } from "./cloudstack-session-store.ts";
import { newSettings, type SettingStore } from "./cloudstack-setting-store.ts";

export interface Zone {
  readonly id: string;
  name: string;
  allocationState: "Enabled" | "Disabled";
}

/** Secondary storage (role Image), or a staging store (role ImageCache): one table in the real system, too. */
export interface ImageStore {
  readonly id: string;
  name: string;
  url: string | null;
  protocol: string;
  provider: string;
  role: "Image" | "ImageCache";
  scope: "REGION" | "ZONE";
  /** Null in the scope REGION. */
  zoneId: string | null;
  readOnly: boolean;
  /** What was given at creation, the secret key as well. */
  details: Record<string, string>;
  capacityBytes: number | null;
  created: number;
  /** Whether a secondary storage VM has reported sizes. */
  measured: boolean;
  /** Deleted through the API: the row stays. */
  removed: boolean;
}

/** A template on one store. */
export interface TemplateCopy {
  state: "DOWNLOADED" | "DOWNLOAD_IN_PROGRESS" | "DOWNLOAD_ERROR" | "NOT_DOWNLOADED";
  percent: number;
  /** What the server says of a download that went wrong; mostly nothing. */
  error?: string;
  /** When the download began. */
  started: number;
  /** How often it was shown since. */
  polls: number;
}

export interface Template {
  readonly id: string;
  name: string;
  type: "SYSTEM" | "BUILTIN" | "USER";
  format: "QCOW2" | "ISO";
  hypervisor: string;
  public: boolean;
  featured: boolean;
  state: "Active" | "Inactive";
  /** By the id of the store. */
  stores: Map<string, TemplateCopy>;
}

/** A snapshot or volume with a record on an image store. */
export interface StoredRecord {
  readonly id: string;
  name: string;
  storeId: string;
}

export interface SystemVm {
  readonly id: string;
  name: string;
  type: "secondarystoragevm" | "consoleproxy";
  zoneId: string;
  state: "Running" | "Starting" | "Stopped";
  agentState: "Up" | "Down" | "Connecting";
}

/** Everything that the simulated CloudStack holds. The order of a map is the order in which its objects were made. */
export interface CloudStackStore extends Directory, SettingStore, ConnectorStore, PoolStore, SessionStore {
  options: CloudStackOptions;
  zones: Map<string, Zone>;
  imageStores: Map<string, ImageStore>;
  templates: Map<string, Template>;
  snapshots: Map<string, StoredRecord>;
  volumes: Map<string, StoredRecord>;
  systemVms: Map<string, SystemVm>;
  jobs: Map<string, Job>;
  /** Whether a secondary storage VM was there when the store was looked at last: templates are synced when one comes. */
  agentConnected: boolean;
}

/** The zone that every new lab has, so that yesterday's stack still finds it. */
export const firstZoneId = "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35";

const systemVmId = "5b7e2d94-c1f0-48a3-8d6e-93f4a0b1c728";
const systemTemplateId = "e4a91c06-8d2f-4b7a-a5c3-1f60d9e87b42";
const builtinTemplateId = "9c3d70f5-6e18-4a2b-b8f1-d4025e7a6c93";

/** A cloud with one zone, its secondary storage VM and the templates that come with CloudStack, but no storage. */
export function newStore(): CloudStackStore {
  return {
    ...newDirectory(),
    ...newSettings(),
    ...newConnector(),
    ...newPools(),
    ...newSessions(),
    options: initialOptions(),
    zones: keyed<Zone>({ id: firstZoneId, name: "lab-zone", allocationState: "Enabled" }),
    imageStores: new Map(),
    templates: keyed(
      newTemplate(systemTemplateId, { name: "SystemVM Template (KVM)", type: "SYSTEM", public: false }),
      newTemplate(builtinTemplateId, { name: "CentOS 5.5(64-bit) no GUI (KVM)", type: "BUILTIN", featured: true }),
    ),
    snapshots: new Map(),
    volumes: new Map(),
    systemVms: keyed<SystemVm>({
      id: systemVmId,
      name: "s-1-VM",
      type: "secondarystoragevm",
      zoneId: firstZoneId,
      state: "Running",
      agentState: "Up",
    }),
    jobs: new Map(),
    agentConnected: true,
  };
}

export function newTemplate(id: string, members: Partial<Omit<Template, "id">>): Template {
  return {
    id,
    name: id,
    type: "USER",
    format: "QCOW2",
    hypervisor: "KVM",
    public: true,
    featured: false,
    state: "Active",
    stores: new Map(),
    ...members,
  };
}

function keyed<T extends { readonly id: string }>(...items: T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
