import type * as pulumi from "@pulumi/pulumi";

/** Which templates to wait for, and how long. */
export interface WaitForTemplates {
  /** `"system"`: those that system VMs start from, which CloudStack downloads at once. `"all"`: public and featured ones as well, which follow when a secondary storage VM connects. Replaces: no. Removing it: an error, it is required. */
  set: pulumi.Input<"system" | "all">;
  /** Minutes. Default: 60. Replaces: no. Removing it: the default. */
  timeoutMinutes?: pulumi.Input<number>;
}

/** Where a setting applies. */
export interface SettingScope {
  /** Kind of the object that it applies to. Replaces: yes. Removing it: an error, it is required. */
  type: pulumi.Input<"zone" | "cluster" | "storage" | "account" | "domain" | "imageStore">;
  /** UUID of that object. Replaces: yes. Removing it: an error, it is required. */
  id: pulumi.Input<string>;
}

/** How CloudStack reaches a Dell ECS. */
export interface EcsPoolDetails {
  /** Management API, `https://host:4443`. Replaces: no, a change is refused. Removing it: an error, it is required. */
  managementUrl: pulumi.Input<string>;
  /** Management user. Replaces: no, a change is refused. Removing it: an error, it is required. */
  username: pulumi.Input<string>;
  /** Its password. Replaces: no, a change is refused. Removing it: an error, it is required. */
  password: pulumi.Input<string>;
  /** Namespace of the tenants' users and buckets. Server default: `default`. Replaces: no, a change is refused. Removing it: refused, CloudStack cannot change it. */
  namespace?: pulumi.Input<string>;
  /** Host name that bucket URLs show. Server default: that of the pool's URL. Replaces: no, a change is refused. Removing it: refused, CloudStack cannot change it. */
  s3Host?: pulumi.Input<string>;
  /** What object user names begin with, before the account's UUID. Server default: `cs-`. Replaces: no, a change is refused. Removing it: refused, CloudStack cannot change it. */
  userPrefix?: pulumi.Input<string>;
  /** Leaves the certificate of the management API unverified. Server default: false. Replaces: no, a change is refused. Removing it: refused, CloudStack cannot change it. */
  insecure?: pulumi.Input<boolean>;
}

/** How CloudStack reaches a Cloudian HyperStore. */
export interface CloudianPoolDetails {
  /** Admin API user. Replaces: no, a change is refused. Removing it: an error, it is required. */
  username: pulumi.Input<string>;
  /** Its password. Replaces: no, a change is refused. Removing it: an error, it is required. */
  password: pulumi.Input<string>;
  /** S3 service, `https://host[:port]`. Replaces: no, a change is refused. Removing it: an error, it is required. */
  s3Url: pulumi.Input<string>;
  /** IAM service, `https://host:16443`. Replaces: no, a change is refused. Removing it: an error, it is required. */
  iamUrl: pulumi.Input<string>;
  /** Whether the certificate of the Admin API is verified. Replaces: no, a change is refused. Removing it: an error, it is required. */
  validateSsl: pulumi.Input<boolean>;
}

/** How CloudStack reaches MinIO or Ceph. */
export interface S3PoolDetails {
  /** Access key id. Replaces: no, a change is refused. Removing it: an error, it is required. */
  accessKeyId: pulumi.Input<string>;
  /** Secret access key. Replaces: no, a change is refused. Removing it: an error, it is required. */
  secretAccessKey: pulumi.Input<string>;
}

/** A domain of CloudStack. */
export interface Domain {
  /** UUID. Removing it: an error, it is required. */
  id: string;
  /** Last part of the path. Removing it: an error, it is required. */
  name: string;
  /** Path as CloudStack keeps it: `/` for ROOT, `/a/b/` below it. Removing it: an error, it is required. */
  path: string;
  /** UUID of the domain above. Removing it: it is the ROOT domain. */
  parentId?: string;
  /** 0 for ROOT. Removing it: an error, it is required. */
  level: number;
  /** `Inactive` while it is being deleted. Removing it: an error, it is required. */
  state: "Active" | "Inactive";
}

/** A user of an account. */
export interface AccountUser {
  /** UUID. Removing it: an error, it is required. */
  id: string;
  /** Log-in name. Removing it: an error, it is required. */
  username: string;
  /** First name. Removing it: an error, it is required. */
  firstName: string;
  /** Last name. Removing it: an error, it is required. */
  lastName: string;
  /** Mail address. Removing it: none is known. */
  email?: string;
}

/** An account of CloudStack: what owns resources, and whose users log in. */
export interface Account {
  /** UUID. Removing it: an error, it is required. */
  id: string;
  /** Name, unique in its domain. Removing it: an error, it is required. */
  name: string;
  /** UUID of its domain. Removing it: an error, it is required. */
  domainId: string;
  /** What it may do; `project` is a project's own account. Removing it: an error, it is required. */
  type: "user" | "rootAdmin" | "domainAdmin" | "project" | "other";
  /** Whether its users can work. Removing it: an error, it is required. */
  state: "enabled" | "disabled" | "locked";
  /** Its users, in the order of their creation as CloudStack lists them. Removing it: an error, it is required. */
  users: AccountUser[];
}

/** A zone of CloudStack. */
export interface Zone {
  /** UUID. Removing it: an error, it is required. */
  id: string;
  /** Name. Removing it: an error, it is required. */
  name: string;
  /** Whether it takes new workload. Removing it: an error, it is required. */
  state: "enabled" | "disabled";
}
