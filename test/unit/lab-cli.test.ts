import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { startLab } from "../../lab/index.ts";
import { documentedShape } from "../harness/documented-shape.ts";

const main = fileURLToPath(new URL("../../provider/cli/main.ts", import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(...args: string[]): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

/** Runs to the end; one text for each stream. */
async function finish(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = start(...args);
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    texts.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    texts.stderr += chunk.toString();
  });
  const [code] = await once(child, "close");
  return { code, ...texts };
}

async function lines(stream: NodeJS.ReadableStream, count: number): Promise<string[]> {
  return linesUntil(stream, (found) => found.length === count);
}

/** The lines up to one of this form, or until enough is found. */
async function linesUntil(
  stream: NodeJS.ReadableStream,
  end: RegExp | ((found: string[]) => boolean),
): Promise<string[]> {
  const found: string[] = [];
  for await (const line of createInterface({ input: stream })) {
    found.push(line);
    if (end instanceof RegExp ? end.test(line) : end(found)) break;
  }
  return found;
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "--json: the first line is the addresses, and %s ends it with 0",
  async (signal) => {
    const child = start("lab", "--json", "--port-base", "0");
    const [line = ""] = await lines(child.stdout, 1);
    const addresses = JSON.parse(line) as { control: string; cloudian: { endpoint: string } };
    expect(documentedShape("lab").parse(addresses)).toEqual(addresses);
    expect(addresses).toEqual({
      control: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      cloudian: {
        endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        username: "sysadmin",
        password: "public",
        s3Endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        cmcEndpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        ssoKey: expect.stringMatching(/./),
      },
      ecs: {
        endpoint: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
        username: "pulumi",
        password: "lab-ecs-password",
        namespace: "ns1",
        s3Endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        replicationGroup: expect.stringMatching(/^urn:storageos:ReplicationGroupInfo:[0-9a-f-]{36}:global$/),
        caPem: expect.stringMatching(/^-----BEGIN CERTIFICATE-----/),
      },
      cloudstack: {
        endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/client\/api$/),
        apiKey: "lab-api-key-Root_Admin.01",
        secretKey: "lab-secret-key-Root_Admin.01",
        zoneId: "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35",
      },
    });
    expect((await fetch(addresses.cloudian.endpoint)).status).toBe(401);
    const ended = once(child, "exit");
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
  },
);

test("--env and --config print the addresses of a lab that runs, and end", async () => {
  const lab = await startLab({ portBase: 0 });
  const { endpoint, s3Endpoint, cmcEndpoint } = lab.addresses.cloudian;
  const { ecs, cloudstack } = lab.addresses;
  const port = new URL(lab.addresses.control).port;
  const env = await finish("lab", "--env", "--port-base", port);
  const config = await finish("lab", "--config", "--port-base", port);
  await lab.close();
  expect(env).toEqual({
    code: 0,
    stderr: "",
    stdout: `export CLOUDIAN_ENDPOINT='${endpoint}'
export CLOUDIAN_USERNAME='sysadmin'
export CLOUDIAN_PASSWORD='public'
export CLOUDIAN_S3_ENDPOINT='${s3Endpoint}'
export CLOUDIAN_CMC_ENDPOINT='${cmcEndpoint}'
export CLOUDIAN_SSO_KEY='lab-sso-key'
export ECS_ENDPOINT='${ecs.endpoint}'
export ECS_USERNAME='pulumi'
export ECS_PASSWORD='lab-ecs-password'
export ECS_NAMESPACE='ns1'
export ECS_CA_PEM='${ecs.caPem}'
export ECS_S3_ENDPOINT='${ecs.s3Endpoint}'
export CLOUDSTACK_API_URL='${cloudstack.endpoint}'
export CLOUDSTACK_API_KEY='lab-api-key-Root_Admin.01'
export CLOUDSTACK_SECRET_KEY='lab-secret-key-Root_Admin.01'
`,
  });
  expect(config).toEqual({
    code: 0,
    stderr: "",
    stdout: `pulumi config set cloudstack-storage:cloudianEndpoint '${endpoint}'
pulumi config set cloudstack-storage:cloudianUsername 'sysadmin'
pulumi config set --secret cloudstack-storage:cloudianPassword 'public'
pulumi config set cloudstack-storage:cloudianS3Endpoint '${s3Endpoint}'
pulumi config set cloudstack-storage:cloudianCmcEndpoint '${cmcEndpoint}'
pulumi config set --secret cloudstack-storage:cloudianSsoKey 'lab-sso-key'
pulumi config set cloudstack-storage:ecsEndpoint '${ecs.endpoint}'
pulumi config set cloudstack-storage:ecsUsername 'pulumi'
pulumi config set --secret cloudstack-storage:ecsPassword 'lab-ecs-password'
pulumi config set cloudstack-storage:ecsNamespace 'ns1'
pulumi config set cloudstack-storage:ecsCaPem -- '${ecs.caPem}'
pulumi config set cloudstack-storage:ecsS3Endpoint '${ecs.s3Endpoint}'
pulumi config set cloudstack-storage:cloudstackEndpoint '${cloudstack.endpoint}'
pulumi config set cloudstack-storage:cloudstackApiKey 'lab-api-key-Root_Admin.01'
pulumi config set --secret cloudstack-storage:cloudstackSecretKey 'lab-secret-key-Root_Admin.01'
`,
  });
});

test("--env without a lab that runs starts one and stays; with --tls it prints the authority too", async () => {
  const child = start("lab", "--env", "--tls", "--port-base", "0");
  const [notice] = await lines(child.stderr, 1);
  expect(notice).toBe("A lab was started here. It stays until Ctrl-C or SIGTERM.");
  const printed = await linesUntil(child.stdout, /^export CLOUDSTACK_CA_PEM=/);
  expect(printed[0]).toMatch(/^export CLOUDIAN_ENDPOINT='https:\/\/127\.0\.0\.1:\d+'$/);
  expect(printed[6]).toBe("export CLOUDIAN_CA_PEM='-----BEGIN CERTIFICATE-----");
  expect(printed).toContainEqual(expect.stringMatching(/^export ECS_S3_ENDPOINT='https:/));
  expect(printed).toContain("export ECS_S3_CA_PEM='-----BEGIN CERTIFICATE-----");
  expect(printed).toContainEqual(expect.stringMatching(/^export CLOUDSTACK_API_URL='https:/));
  expect(printed.at(-1)).toBe("export CLOUDSTACK_CA_PEM='-----BEGIN CERTIFICATE-----");
  expect(child.exitCode).toBeNull();
});

test("a taken port is one clear error", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const address = holder.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  // The control API has the base itself and opens last.
  const result = await finish("lab", "--port-base", String(port - 1));
  holder.close();
  expect(result).toEqual({
    code: 1,
    stdout: "",
    stderr: `Port ${port} is taken, perhaps by a lab that already runs. Use that one, end it, or start this one elsewhere with --port-base N (0 = any free ports).\n`,
  });
});

test("without a flag it tells a person where everything is", async () => {
  const [first, , third] = await lines(start("lab", "--port-base", "0").stdout, 3);
  expect(first).toBe("The lab runs. Ctrl-C ends it.");
  expect(third).toMatch(/^ {2}control API +http:\/\/127\.0\.0\.1:\d+$/);
});

test("help, and what cannot be understood", async () => {
  expect(await finish("--help")).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n {2}lab {10}simulators/) });
  expect(await finish("lab", "--help")).toMatchObject({ code: 0, stdout: expect.stringMatching(/--port-base N/) });
  const commands = expect.stringMatching(
    /^There is no command "labs"\. Did you mean lab\?\n\nUsage: [\s\S]*\n {2}lab /,
  );
  expect(await finish("labs")).toMatchObject({ code: 2, stdout: "", stderr: commands });
  expect(await finish()).toMatchObject({ code: 2, stderr: expect.stringMatching(/^A command is missing\./) });
  for (const [args, reason] of [
    [["--port"], /^Unknown option '--port'/],
    [["--port-base", "x"], /^--port-base needs a port number/],
    [["--json", "--env"], /^Give one of --json, --env and --config\./],
    [["extra"], /^Unexpected argument 'extra'/],
  ] as const) {
    expect(await finish("lab", ...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(reason) });
  }
  expect(await finish("lab", "--port-base", "65535")).toMatchObject({
    code: 1,
    stderr: "The port base must be a whole number from 0 to 65529, 0 for any free ports.\n",
  });
});
