import { accountCommands } from "./cloudstack-accounts.ts";
import { apiLister, isKnown } from "./cloudstack-apis.ts";
import { bucketCommands } from "./cloudstack-buckets.ts";
import type { CommandEntry, Commands } from "./cloudstack-call.ts";
import { connectorCommands } from "./cloudstack-connector.ts";
import { domainCommands } from "./cloudstack-domains.ts";
import { imageStoreCommands } from "./cloudstack-image-stores.ts";
import { infrastructureCommands } from "./cloudstack-infrastructure.ts";
import { jobCommands } from "./cloudstack-jobs.ts";
import { migrationCommands } from "./cloudstack-migration.ts";
import { poolCommands } from "./cloudstack-pools.ts";
import { recordCommands } from "./cloudstack-records.ts";
import { settingCommands } from "./cloudstack-settings.ts";
import { stagingStoreCommands } from "./cloudstack-staging-stores.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";
import { systemVmCommands } from "./cloudstack-system-vms.ts";
import { templateCommands } from "./cloudstack-templates.ts";
import { userCommands } from "./cloudstack-users.ts";

const commands: Commands = {
  ...accountCommands,
  ...bucketCommands,
  ...connectorCommands,
  ...domainCommands,
  ...imageStoreCommands,
  ...infrastructureCommands,
  ...jobCommands,
  ...migrationCommands,
  ...poolCommands,
  ...recordCommands,
  ...settingCommands,
  ...stagingStoreCommands,
  ...systemVmCommands,
  ...templateCommands,
  ...userCommands,
  listApis: apiLister(() => commands),
};

/** Real commands next to the simulated ones, which are refused as not implemented rather than as unknown. */
const otherCommands = new Set(
  [
    "addSecondaryStorage copyTemplate createProject createSnapshot createStoragePool createTemplate createVolume createZone",
    "deleteProject deleteSnapshot deleteTemplate deleteVolume deployVirtualMachine downloadImageStoreObject",
    "extractTemplate extractVolume getUploadParamsForTemplate listClusters listEvents listHosts",
    "listImageStoreObjects listManagementServers listProjects listResourceLimits listRoles listStoragePools",
    "listVirtualMachines migrateResourceToAnotherSecondaryStorage registerIso registerTemplate",
    "updateResourceLimit updateRole updateTemplate updateUser updateZone uploadVolume",
  ]
    .join(" ")
    .split(" "),
);

/** The command that the simulated release has under this name, letter by letter. */
export function commandNamed(name: string, store: CloudStackStore): CommandEntry | "not here" | undefined {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry !== undefined) return isKnown(store, entry) ? entry : undefined;
  return otherCommands.has(name) ? "not here" : undefined;
}
