import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";

/** What a program declares of a secondary staging store. CloudStack cannot change one. */
export interface SecondaryStagingStoreArgs {
  /** UUID of the zone; `getZones` looks names up. A change of the zone alone is refused: the URL would stay, and CloudStack keeps one store a URL. Replaces: yes. Removing it: an error, it is required. */
  zoneId: pulumi.Input<string>;
  /** NFS server, a host name or an address, which every host and system VM of the zone reaches. Replaces: yes. Removing it: an error, it is required. */
  server: pulumi.Input<string>;
  /** Exported path, `/export/staging`. Replaces: yes. Removing it: an error, it is required. */
  path: pulumi.Input<string>;
  /** Takes over an existing staging store of this URL instead of failing; a warning says so. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/** What the provider records beside the arguments. */
export interface SecondaryStagingStoreOutputs {
  url: string;
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof SecondaryStagingStoreArgs | keyof SecondaryStagingStoreOutputs, PropertyRole>> =
  {
    zoneId: "input",
    server: "input",
    path: "input",
    adopt: "input",
    url: "output",
    systemEndpoint: "output",
  };

/**
 * An NFS staging store, through which a zone's hosts reach S3 secondary storage. Its id is the UUID that CloudStack
 * gives. Source: CloudStack API, `createSecondaryStagingStore`, `listSecondaryStagingStores`, `deleteSecondaryStagingStore`.
 */
export class SecondaryStagingStore extends StorageResource {
  /** As declared. */
  declare readonly zoneId: pulumi.Output<string>;
  /** As declared. */
  declare readonly server: pulumi.Output<string>;
  /** As declared. */
  declare readonly path: pulumi.Output<string>;
  /** As declared, or the default. */
  declare readonly adopt: pulumi.Output<boolean>;
  /** `nfs://server/path`, which is the store's name, too. */
  declare readonly url: pulumi.Output<string>;
  /** The CloudStack API that holds the store, `scheme://host:port/client/api`. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: SecondaryStagingStoreArgs, options?: pulumi.CustomResourceOptions) {
    super("SecondaryStagingStore", name, args, properties, options);
  }

  /** Looks an existing staging store up by its UUID, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): SecondaryStagingStore {
    // A look-up has no inputs.
    return new SecondaryStagingStore(name, {} as SecondaryStagingStoreArgs, { ...options, id });
  }
}
