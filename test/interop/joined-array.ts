import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { CreateBucketCommand, DeleteBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { type Lab, startLab } from "../../lab/index.ts";
import { ecsApi } from "../harness/interop/ecs-api.ts";
import type { S3Server } from "../harness/interop/surroundings.ts";
import { LabControl } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { ask } from "./contract/asking.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * An array whose management side is the lab's and whose S3 nodes are a real server. In front of the lab stands a server
 * that keeps the two together: a bucket made on one side is made on the other, and a bucket is empty if the real one is.
 */
export class JoinedArray {
  readonly #lab: Lab;
  readonly #s3: S3Server;
  readonly #owner: S3Client;
  readonly #front: Server;

  private constructor(lab: Lab, s3: S3Server, owner: S3Client) {
    this.#lab = lab;
    this.#s3 = s3;
    this.#owner = owner;
    this.#front = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  /** With the owner of the real server as object user, of the same name and key. */
  static async open(s3: S3Server, owner: S3Client): Promise<JoinedArray> {
    const lab = await startLab({ portBase: 0 });
    const array = new JoinedArray(lab, s3, owner);
    // From 3.8 on the array empties buckets itself, and S3 is not asked.
    await array.#patch({ options: { release: "3.6" } });
    const ecs = await ecsApi(lab.addresses.ecs);
    const { namespace } = lab.addresses.ecs;
    const { accessKeyId: user, secretAccessKey: secretkey } = s3.owner;
    await ecs("POST", "/object/users.json", { user, namespace });
    await ecs("POST", `/object/user-secret-keys/${user}.json`, { namespace, secretkey });
    await once(array.#front.listen(0, "127.0.0.1"), "listening");
    return array;
  }

  /** The settings of a stack that uses it. */
  config(): Properties {
    const { username, password, namespace } = this.#lab.addresses.ecs;
    const settings = {
      ecsEndpoint: `http://127.0.0.1:${(this.#front.address() as AddressInfo).port}`,
      ecsUsername: username,
      ecsPassword: password,
      ecsNamespace: namespace,
      ecsS3Endpoint: this.#s3.endpoint,
    };
    return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`cloudstack-storage:${key}`, value]));
  }

  get namespace(): string {
    return this.#lab.addresses.ecs.namespace;
  }

  async close(): Promise<void> {
    this.#front.closeAllConnections();
    this.#front.close();
    await this.#lab.close();
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "", url = "" } = incoming;
    const body = await buffer(incoming);
    const path = new URL(url, "http://array").pathname.replace(/\.json$/, "");
    const removed = method === "POST" ? /^\/object\/bucket\/([^/]+)\/deactivate$/.exec(path)?.[1] : undefined;
    const held = removed !== undefined && (await this.#isHeld(removed));
    if (held) await this.#hold(removed, "something");
    const answer = await this.#forward(method, url, incoming.headers, body);
    if (held) await this.#hold(removed, null);
    if (method === "POST" && path === "/object/bucket" && answer.status === 200) await this.#make(body);
    const { "transfer-encoding": _encoding, ...headers } = answer.headers;
    outgoing.writeHead(answer.status, headers).end(answer.body);
  }

  async #make(body: Buffer): Promise<void> {
    const { name } = JSON.parse(body.toString()) as { name: string };
    await this.#owner.send(new CreateBucketCommand({ Bucket: name }));
  }

  /** Whether the real bucket holds anything; if not, this deletes it. */
  async #isHeld(name: string): Promise<boolean> {
    return (await ask(this.#owner, new DeleteBucketCommand({ Bucket: name }))) === "409 BucketNotEmpty";
  }

  /** So that the lab itself refuses, in ECS' words. */
  async #hold(name: string, text: string | null): Promise<void> {
    await this.#patch({ buckets: { [`${this.namespace}/${name}`]: { objects: { held: text } } } });
  }

  async #patch(change: object): Promise<void> {
    await new LabControl(this.#lab.addresses.control).patch("ecs", change);
  }

  async #forward(method: string, url: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
    const { endpoint, caPem } = this.#lab.addresses.ecs;
    const call = request(`${endpoint}${url}`, { method, ca: caPem, headers: { ...headers, connection: "close" } });
    call.end(body);
    const [answer] = (await once(call, "response")) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
  }
}
