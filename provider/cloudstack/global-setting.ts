import * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";
import { holdsSecret } from "./secret-settings.ts";
import type { SettingScope } from "./shapes.ts";

/** The arguments of a setting, of which `value` and `members` exclude each other. */
export interface GlobalSettingFields {
  /** Name of the setting; an unknown one is an error. Replaces: yes. Removing it: an error, it is required. */
  settingName: pulumi.Input<string>;
  /**
   * The value, whose text is what CloudStack keeps: `8443` and `"8443"` are one; `""` clears it. Secret where the
   * setting is known to hold one; CloudStack returns those of the categories Hidden and Secure in no readable form, so
   * that they are not compared. Replaces: no. Removing it: an error, unless `members` is given.
   */
  value?: pulumi.Input<string | number | boolean>;
  /** Members of a comma list such as `secstorage.allowed.internal.sites`: these are added, everybody else's stay. A set. Replaces: no. Removing it: an error, unless `value` is given. */
  members?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * What destroying the resource does: `"reset"` to CloudStack's default, `"restore"` what was there before, or `"keep"`.
   * Default: `"keep"` for settings that hold secrets and for the categories Hidden and Secure, else `"reset"`; with
   * `members`, those that this resource has added are taken out. Takes effect at destroy only after an `up`. Replaces: no. Removing it: the default.
   */
  onDestroy?: pulumi.Input<"reset" | "restore" | "keep">;
  /** Where the value applies, if not in the whole cloud. Replaces: yes. Removing it: the setting of the whole cloud is another object, so it replaces. */
  scope?: pulumi.Input<SettingScope>;
}

/** What a program declares of a setting of CloudStack: its `value`, or `members` of its list. */
export type GlobalSettingArgs = GlobalSettingFields &
  (
    | { value: pulumi.Input<string | number | boolean>; members?: undefined }
    | { members: pulumi.Input<pulumi.Input<string>[]>; value?: undefined }
  );

/** What the provider records beside the arguments. */
export interface GlobalSettingOutputs {
  previousValue: string;
  addedMembers: string[];
  restartRequired: boolean;
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof GlobalSettingFields | keyof GlobalSettingOutputs, PropertyRole>> = {
  settingName: "input",
  value: "input",
  members: "input",
  onDestroy: "input",
  scope: "input",
  previousValue: "secretOutput",
  addedMembers: "output",
  restartRequired: "output",
  systemEndpoint: "output",
};

/**
 * A global setting of CloudStack, or one of a zone, cluster, storage pool, account, domain or image store. Its id is
 * the name, or `scopeType:uuid/settingName`. Settings always exist: a new resource writes over what is there, and keeps
 * what it was. Source: CloudStack API, `listConfigurations`, `updateConfiguration`, `resetConfiguration`.
 */
export class GlobalSetting extends StorageResource {
  /** As declared. */
  declare readonly settingName: pulumi.Output<string>;
  /** As declared, as text. */
  declare readonly value: pulumi.Output<string | undefined>;
  /** As declared, sorted. */
  declare readonly members: pulumi.Output<string[] | undefined>;
  /** As declared. */
  declare readonly onDestroy: pulumi.Output<"reset" | "restore" | "keep" | undefined>;
  /** As declared. */
  declare readonly scope: pulumi.Output<pulumi.Unwrap<SettingScope> | undefined>;
  /** What was there before this resource, secret; undefined where CloudStack returns no readable value. */
  declare readonly previousValue: pulumi.Output<string | undefined>;
  /** The members that were not there before; these go when the resource goes. */
  declare readonly addedMembers: pulumi.Output<string[] | undefined>;
  /** Whether a change takes effect only after a restart of all management servers. */
  declare readonly restartRequired: pulumi.Output<boolean>;
  /** The CloudStack API that holds the setting, `scheme://host:port/client/api`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: GlobalSettingArgs, options?: pulumi.CustomResourceOptions) {
    super("GlobalSetting", name, withSecrets(args), properties, options);
  }

  /** Looks a setting of the whole cloud up by its name, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): GlobalSetting {
    // A look-up has no inputs.
    return new GlobalSetting(name, {} as GlobalSettingArgs, { ...options, id });
  }
}

function withSecrets(args: GlobalSettingArgs): GlobalSettingArgs {
  if (args.value === undefined) return args;
  const value = pulumi.all([args.settingName, args.value]).apply(([settingName, plain]) => {
    return holdsSecret(`${settingName}`) ? pulumi.secret(plain) : pulumi.output(plain);
  });
  return { ...args, value };
}
