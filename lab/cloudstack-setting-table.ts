import type { Release } from "./cloudstack-options.ts";

/** One setting of a new cloud; what is missing is as in most. */
export interface SettingRow {
  readonly name: string;
  readonly initial: string | null;
  readonly description: string;
  readonly category?: "Alert" | "Hidden" | "Secure" | "Storage";
  readonly component?: string;
  readonly type?: "Boolean" | "Number" | "Decimal";
  readonly dynamic?: boolean;
  readonly scope?: "Zone" | "Cluster" | "StoragePool" | "ImageStore" | "Account" | "Domain";
  readonly since?: Release;
}

type Traits = Omit<SettingRow, "name" | "initial" | "description">;

function setting(name: string, initial: string | null, description: string, traits: Traits = {}): SettingRow {
  return { name, initial, description, ...traits };
}

const bool = { type: "Boolean" } as const;
const whole = { type: "Number" } as const;
const decimal = { type: "Decimal" } as const;
/** Those whose change needs a restart of the management servers, and which say so. */
const fixed = { dynamic: false } as const;
const migration = { component: "StorageOrchestrator" } as const;
const capacity = { component: "CapacityManager" } as const;
const domainwide = { component: "LdapConfiguration", scope: "Domain" } as const;
const cloudian = { component: "CloudianConnector", since: [4, 11] } as const;

/** All say that they are dynamic; the first one acts after a restart only. */
const connectorRows: readonly SettingRow[] = [
  setting("cloudian.connector.enabled", "false", "Whether the Cloudian connector is on.", { ...cloudian, ...bool }),
  setting("cloudian.admin.host", "s3-admin.cloudian.com", "Host of the Cloudian Admin API.", cloudian),
  setting("cloudian.admin.port", "19443", "Port of the Cloudian Admin API.", { ...cloudian, ...whole }),
  setting("cloudian.admin.protocol", "https", "Protocol of the Cloudian Admin API.", cloudian),
  setting("cloudian.validate.ssl", "true", "Whether its certificate is validated.", { ...cloudian, ...bool }),
  setting("cloudian.admin.user", "sysadmin", "User of the Cloudian Admin API.", cloudian),
  setting("cloudian.admin.password", "public", "Password of that user.", cloudian),
  setting("cloudian.api.request.timeout", "5", "Seconds that a request may take.", { ...cloudian, ...whole }),
  setting("cloudian.cmc.admin.user", "admin", "User of the management console for the administrator.", cloudian),
  setting("cloudian.cmc.host", "cmc.cloudian.com", "Host of the management console.", cloudian),
  setting("cloudian.cmc.port", "8443", "Port of the management console.", cloudian),
  setting("cloudian.cmc.protocol", "https", "Protocol of the management console.", cloudian),
  setting("cloudian.sso.key", "ss0sh5r3dk3y", "The key shared with the management console.", cloudian),
];

const storageRows: readonly SettingRow[] = [
  setting("secstorage.allowed.internal.sites", null, "Internal networks with download servers.", fixed),
  setting("secstorage.encrypt.copy", "false", "Whether copies between zones are encrypted.", { ...bool, ...fixed }),
  setting("secstorage.ssl.cert.domain", "", "Domain of the certificate for copies between zones.", fixed),
  setting("secstorage.capacity.standby", "10", "Sessions kept free on storage VMs.", { ...whole, ...fixed }),
  setting("secstorage.session.max", "50", "Sessions of one storage VM.", { ...whole, ...fixed }),
  setting("secstorage.nfs.version", null, "NFS version for mounts.", { ...capacity, scope: "ImageStore" }),
  setting("secstorage.max.migrate.sessions", "2", "Migrations of one storage VM at a time.", {
    ...migration,
    ...whole,
  }),
  setting("image.store.imbalance.threshold", "0.3", "Imbalance that is let stand.", { ...migration, ...decimal }),
  setting("max.ssvm.count", "5", "Storage VMs of one zone.", { ...migration, ...whole }),
  setting("max.data.migration.wait.time", "15", "Minutes before one more VM starts.", { ...migration, ...whole }),
  setting("s3.rrs.enabled", "false", "Whether S3 objects have reduced redundancy.", { ...bool, ...fixed }),
  setting("s3.singleupload.max.size", "5", "GB up to which one PUT is used.", { ...whole, ...fixed }),
  setting("extract.url.expiration.interval", "14400", "Seconds that download links live.", { ...whole, ...fixed }),
  setting("extract.url.cleanup.interval", "7200", "Seconds between removals of dead links.", { ...whole, ...fixed }),
  setting("storage.overprovisioning.factor", "2", "Overprovisioning of primary storage.", {
    ...capacity,
    ...decimal,
    category: "Storage",
    scope: "StoragePool",
  }),
  setting("pool.storage.capacity.disablethreshold", "0.85", "Use above which a pool is not taken any more.", {
    ...capacity,
    ...decimal,
    category: "Alert",
    scope: "Zone",
  }),
];

const managementRows: readonly SettingRow[] = [
  setting("default.page.size", "500", "Where lists are cut.", { ...whole, ...fixed }),
  setting("enforce.post.requests.and.timestamps", "false", "Whether changes need POST and a timestamp.", {
    ...bool,
    ...fixed,
    since: [4, 21],
  }),
  setting("api.throttling.enabled", "false", "Whether calls are throttled.", { ...bool, ...fixed }),
  setting("api.throttling.interval", "1", "Seconds that calls are counted.", { ...whole, ...fixed }),
  setting("api.throttling.max", "25", "Calls in an interval.", { ...whole, ...fixed }),
  setting("integration.api.port", "0", "Port without authentication; 0 = none.", { ...whole, ...fixed }),
  setting("encode.api.response", "false", "Whether texts in answers are URL-encoded.", { ...bool, ...fixed }),
  setting("account.cleanup.interval", "86400", "Seconds between clean-ups of accounts.", { ...whole, ...fixed }),
  setting("dynamic.apichecker.enabled", "true", "Whether roles decide over commands.", bool),
  setting("cpu.overprovisioning.factor", "1.0", "Overprovisioning of processors.", {
    ...capacity,
    ...decimal,
    scope: "Cluster",
  }),
  setting("allow.public.user.templates", "true", "Whether users may make public templates.", {
    ...bool,
    component: "TemplateManager",
    scope: "Account",
  }),
  setting("ldap.basedn", null, "Base DN of LDAP.", domainwide),
  setting("ldap.bind.principal", null, "Principal to bind to LDAP with.", { ...domainwide, category: "Secure" }),
  setting("ldap.bind.password", null, "Password of that principal.", { ...domainwide, category: "Secure" }),
  setting("security.encryption.key", "bGFiLWVuY3J5cHRpb24ta2V5", "Key data in base64.", {
    ...fixed,
    category: "Hidden",
  }),
];

/** The settings of a new cloud: those that a client of this package meets, and some beside them. */
export const settingRows: readonly SettingRow[] = [...connectorRows, ...storageRows, ...managementRows];
