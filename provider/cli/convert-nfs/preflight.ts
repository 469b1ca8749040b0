import type { CloudStackClient } from "../../cloudstack/client.ts";
import { callableCommands } from "../../cloudstack/command-list.ts";
import type { ImageStore } from "../../cloudstack/image-stores.ts";
import { type ListedJob, listJobs } from "../../cloudstack/job-list.ts";
import type { StagingStore } from "../../cloudstack/staging-stores.ts";
import { StoreClient } from "../../cloudstack/store-client.ts";
import { isUp, type StorageVm } from "../../cloudstack/system-vms.ts";
import { type TemplateInZone, templatesInZones } from "../../cloudstack/templates.ts";
import type { ZoneItem } from "../../cloudstack/zones.ts";
import { isLoopback } from "../../core/names.ts";
import type { Settings } from "../../core/settings.ts";
import { bucketFindings, type Notes, notes } from "./bucket.ts";
import type { DeclaredStore } from "./declaration.ts";
import { networkCautions } from "./network.ts";

const conversion = "updateCloudToUseObjectStore";

/** What is there, what would happen, and what stands in the way. */
export interface Plan {
  readonly cloud: CloudStackClient;
  readonly release: string;
  readonly store: DeclaredStore;
  readonly zones: readonly ZoneItem[];
  /** Secondary storage that would become staging stores. */
  readonly nfs: readonly ImageStore[];
  readonly staging: readonly StagingStore[];
  /** Why it cannot be done; nothing is sent where there is one. */
  readonly obstacles: readonly string[];
  readonly cautions: readonly string[];
}

/** Looks at everything that the command does not: once it has begun, a failure leaves the cloud without secondary storage. */
export async function preflight(
  settings: Settings,
  store: DeclaredStore,
  allowed: { readonly plainHttp: boolean },
): Promise<Plan> {
  const { cloud } = new StoreClient(settings);
  const release = (await cloud.api.release()).text;
  await cloud.rootAccount.get();
  const [commands, providers, nfs, staging, zones] = await Promise.all([
    callableCommands(cloud.api),
    cloud.imageProviders.get(),
    cloud.imageStores.list(),
    cloud.stagingStores.list(),
    cloud.zones.list(),
  ]);
  const [vms, templates, jobs] = await Promise.all([
    cloud.storageVms.list(),
    templatesInZones(cloud.api),
    listJobs(cloud.api),
  ]);
  const found = notes();
  if (!allowed.plainHttp) refusePlainHttp(found, [store.details.endpoint, cloud.endpoint]);
  requireCommand(found, commands, release);
  requireProviders(found, nfs, providers);
  requireFreeName(found, store.name, [...nfs.map(({ name }) => name), ...staging.map(({ url }) => url)]);
  requireVms(found, zones, vms);
  requireRest(found, templates, jobs);
  cautionZones(found, zones, nfs, staging);
  await networkCautions(found, cloud, store.details);
  // With a refusal above, the key need not be shown to anybody.
  if (found.obstacles.length === 0) await bucketFindings(found, settings, store.details);
  return { cloud, release, store, zones, nfs, staging, ...found };
}

function refusePlainHttp({ obstacles }: Notes, endpoints: readonly string[]): void {
  for (const endpoint of endpoints)
    if (endpoint.startsWith("http:") && !isLoopback(endpoint))
      obstacles.push(
        `${endpoint} is plain HTTP: keys could be read on the way. Use its HTTPS address, or give --plain-http.`,
      );
}

function requireCommand({ obstacles }: Notes, commands: ReadonlyMap<string, unknown>, release: string): void {
  if (commands.has(conversion)) return;
  obstacles.push(
    `CloudStack ${release} has no command ${conversion} for this API key (listApis does not name it). It came with 4.3; a role may take it away.`,
  );
}

/** Letter for letter: CloudStack takes an unknown provider for NFS, once the conversion is done. */
function requireProviders({ obstacles }: Notes, stores: readonly ImageStore[], providers: readonly string[]): void {
  if (!providers.includes("S3"))
    obstacles.push(
      `This CloudStack has no image provider called S3 (it has ${providers.join(", ")}), and would try to add NFS.`,
    );
  if (stores.length === 0)
    obstacles.push("There is no secondary storage to convert. Add S3 secondary storage itself: an S3SecondaryStorage.");
  const others = stores.filter(({ providerName }) => providerName !== "NFS");
  if (others.length > 0)
    obstacles.push(
      `Only a cloud whose secondary storage is all on NFS can be converted, and this one has ${others.map(({ name, providerName }) => `${name} (${providerName})`).join(", ")}.`,
    );
}

/** Without regard to case, as databases mostly compare: a name that is taken shows after NFS is gone. */
function requireFreeName({ obstacles }: Notes, name: string, taken: readonly string[]): void {
  const found = taken.find((other) => other.trim().toLowerCase() === name.toLowerCase());
  if (found !== undefined) obstacles.push(`A store is called ${found} already. Give another --name.`);
}

function requireVms({ obstacles, cautions }: Notes, zones: readonly ZoneItem[], vms: readonly StorageVm[]): void {
  const up = vms.filter(isUp);
  if (up.length === 0)
    obstacles.push(
      "No secondary storage VM is up. Nothing would be downloaded to the bucket, and none could start afterwards, because its template is not there.",
    );
  const without = zones.filter(({ id, enabled }) => enabled && !up.some(({ zoneId }) => zoneId === id));
  if (up.length > 0 && without.length > 0)
    cautions.push(
      `No secondary storage VM is up in ${names(without)}: none can start there before the template for system VMs is in the bucket.`,
    );
}

/** States of a copy that somebody still writes: a download, an upload by a browser, a template made of a volume. */
const onTheirWay = /_IN_PROGRESS$|^NOT_UPLOADED$|^CREATING$/;

/** What runs on NFS while it changes its role may end anywhere. */
function requireRest(
  { obstacles, cautions }: Notes,
  templates: readonly TemplateInZone[],
  jobs: readonly ListedJob[],
): void {
  const running = jobs.filter(({ status }) => status === "running");
  if (running.length > 0)
    obstacles.push(
      `Jobs are running: ${running.map(({ command, id }) => `${command} (${id})`).join(", ")}. Wait until they are done.`,
    );
  const coming = templates.filter(({ copies }) => copies.some(({ state = "" }) => onTheirWay.test(state)));
  if (coming.length > 0)
    obstacles.push(
      `Templates are on their way to secondary storage: ${named(coming)}. Wait until they are ready, or delete them.`,
    );
  const failed = templates.filter((template) => !template.ready && !coming.includes(template));
  if (failed.length > 0) cautions.push(`Templates that are not ready stay so: ${named(failed)}.`);
}

function named(templates: readonly TemplateInZone[]): string {
  return templates
    .map(({ name, zoneName, status }) => {
      const where = zoneName === undefined ? "" : ` in ${zoneName}`;
      return `${name}${where}${status === "" ? "" : ` (${status})`}`;
    })
    .join(", ");
}

function cautionZones(
  { cautions }: Notes,
  zones: readonly ZoneItem[],
  nfs: readonly ImageStore[],
  staging: readonly StagingStore[],
): void {
  const without = zones.filter(
    ({ id, name, enabled }) =>
      enabled && !nfs.some(({ zoneName }) => zoneName === name) && !staging.some(({ zoneId }) => zoneId === id),
  );
  if (without.length > 0)
    cautions.push(
      `${names(without)} will have no staging store: nothing on S3 can be used there before one is made (SecondaryStagingStore).`,
    );
}

function names(zones: readonly ZoneItem[]): string {
  return `${zones.length === 1 ? "zone" : "zones"} ${zones.map(({ name }) => name).join(", ")}`;
}
