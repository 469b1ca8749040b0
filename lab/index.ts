import { makeCertificates } from "./certificates.ts";
import { LabClock } from "./clock.ts";
import { Cloudian } from "./cloudian.ts";
import { CloudStack } from "./cloudstack.ts";
import { adminKeys } from "./cloudstack-directory-store.ts";
import { firstZoneId } from "./cloudstack-store.ts";
import { ControlServer } from "./control.ts";
import { Ecs } from "./ecs.ts";
import { firstReplicationGroup } from "./ecs-store.ts";
import { LabError } from "./errors.ts";
import { Faults } from "./faults.ts";
import { Recorder } from "./recorder.ts";
import { type LabSeed, plant } from "./seed.ts";
import { Listener } from "./server.ts";

export interface LabOptions {
  /**
   * The first of the ports that the lab takes, one after the other; 0 = any free ones.
   * @defaultValue 28080
   */
  readonly portBase?: number;
  /** TLS with the lab's own certificate authority. The control API stays on plain HTTP. */
  readonly tls?: boolean;
  /** What the systems hold at the start, and after each reset; nothing if it is absent. */
  readonly seed?: LabSeed;
}

/** Where the simulated systems are, and how to log in: the first line that `lab --json` prints. */
export interface LabAddresses {
  readonly control: string;
  readonly cloudian: {
    readonly endpoint: string;
    readonly username: string;
    readonly password: string;
    readonly s3Endpoint: string;
    readonly cmcEndpoint: string;
    readonly ssoKey: string;
    /** The certificate authority, with TLS only. */
    readonly caPem?: string;
  };
  readonly ecs: {
    /** The management API: always TLS. */
    readonly endpoint: string;
    readonly username: string;
    readonly password: string;
    readonly namespace: string;
    readonly s3Endpoint: string;
    /** The default of the namespace. */
    readonly replicationGroup: string;
    readonly caPem: string;
  };
  readonly cloudstack: {
    /** The whole address of the API. */
    readonly endpoint: string;
    readonly apiKey: string;
    readonly secretKey: string;
    /** The zone that every new lab has. */
    readonly zoneId: string;
    /** The certificate authority, with TLS only. */
    readonly caPem?: string;
  };
}

export interface Lab {
  readonly addresses: LabAddresses;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** Outside the range from which operating systems take the ports of outgoing connections. */
export const defaultPortBase = 28080;

/** One for the control API, one for each listener. */
const ports = 7;

/** Starts the simulators on 127.0.0.1. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const portBase = options.portBase ?? defaultPortBase;
  if (!Number.isInteger(portBase) || portBase < 0 || portBase + ports > 65_536) {
    throw new LabError(`The port base must be a whole number from 0 to ${65_536 - ports}, 0 for any free ports.`);
  }
  const certificates = await makeCertificates();
  const clock = new LabClock();
  const faults = new Faults();
  const recorder = new Recorder();
  const plain = { clock, faults, recorder };
  const secure = { ...plain, certificates };
  const usual = options.tls ? secure : plain;
  const cloudian = new Cloudian(clock);
  const ecs = new Ecs(clock);
  const cloudstack = new CloudStack(clock, cloudian);
  const systems = [cloudian, ecs, cloudstack];
  const seed = () => {
    if (options.seed !== undefined) plant(options.seed, systems);
  };
  seed();
  const listeners = [
    new Listener(cloudian, usual),
    new Listener(cloudian.s3, usual),
    new Listener(cloudian.cmc, usual),
    new Listener(ecs, secure),
    new Listener(ecs.s3, usual),
    new Listener(cloudstack, usual),
  ];
  const addresses = (): LabAddresses => opened;
  const control = new ControlServer({
    clock,
    faults,
    recorder,
    listeners,
    systems,
    seed,
    addresses,
  });
  const close = async (): Promise<void> => {
    await Promise.all([control, ...listeners].map((server) => server.close()));
  };
  // The control API comes last, though its port is the first: once it answers, the whole lab does.
  const opened = await openAll([...listeners, control], portBase, certificates.caPem, usual === secure).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );
  return { addresses: opened, close };
}

interface Openable {
  open(port: number): Promise<string>;
}

async function openAll(servers: Openable[], portBase: number, caPem: string, tls: boolean): Promise<LabAddresses> {
  const urls: string[] = [];
  for (const [index, server] of servers.entries()) {
    const offset = (index + 1) % servers.length;
    urls.push(await server.open(portBase === 0 ? 0 : portBase + offset));
  }
  const [endpoint = "", s3Endpoint = "", cmcEndpoint = "", ...others] = urls;
  const [ecsEndpoint = "", ecsS3Endpoint = "", managementServer = "", control = ""] = others;
  const logIn = { username: "sysadmin", password: "public" };
  const cloudian = { endpoint, ...logIn, s3Endpoint, cmcEndpoint, ssoKey: "lab-sso-key" };
  const authority = tls ? { caPem } : {};
  return {
    control,
    cloudian: { ...cloudian, ...authority },
    ecs: {
      endpoint: ecsEndpoint,
      username: "pulumi",
      password: "lab-ecs-password",
      namespace: "ns1",
      s3Endpoint: ecsS3Endpoint,
      replicationGroup: firstReplicationGroup,
      caPem,
    },
    cloudstack: { endpoint: `${managementServer}/client/api`, ...adminKeys, zoneId: firstZoneId, ...authority },
  };
}
