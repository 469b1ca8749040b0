import { beforeEach, expect, test, vi } from "vitest";
import { networkFindings } from "../../provider/cli/doctor/endpoint-network.ts";
import type { Found } from "../../provider/cli/doctor/finding.ts";
import { addressesOf, openPort } from "../../provider/core/probe.ts";

vi.mock("../../provider/core/probe.ts", async (original) => ({
  ...(await original<typeof import("../../provider/core/probe.ts")>()),
  addressesOf: vi.fn(),
  openPort: vi.fn(),
}));

beforeEach(() => {
  vi.resetAllMocks();
});

const patience = { milliseconds: 10_000, signal: new AbortController().signal };

/** What is found where the name has these addresses, each open or failing so. */
async function found(ports: Readonly<Record<string, string>>, url = "https://s3.example.com"): Promise<Found[]> {
  vi.mocked(addressesOf).mockResolvedValue(Object.keys(ports));
  vi.mocked(openPort).mockImplementation(async (address) => {
    const failure = ports[address] ?? "not asked for";
    return failure === "open" ? ({ destroy: () => {} } as never) : { failure };
  });
  const tls = { insecure: false };
  const transport = { requestTimeoutSeconds: 30, operationTimeoutSeconds: 300, maxConnections: 16, retryBudget: 500 };
  const endpoint = {
    name: "cloudian-s3",
    subject: "S3",
    connection: { endpoint: url, tls, transport },
    settingPrefix: "s3",
    setting: "cloudianS3Endpoint",
    usualPorts: "443",
    alsoUsedBy: "The secondary storage VMs",
  };
  const all: Found[] = [];
  for await (const each of networkFindings(endpoint, patience)) all.push(each);
  return all;
}

test("a name that resolves, and who else must resolve it", async () => {
  expect(await found({ "10.0.0.1": "open", "10.0.0.2": "open" })).toEqual([
    {
      check: "name",
      verdict: "ok",
      text: "s3.example.com resolves to 10.0.0.1, 10.0.0.2 from this machine. The secondary storage VMs must be able to resolve it as well.",
    },
    { check: "port", verdict: "ok", text: "Port 443 answers." },
  ]);
});

test("some of its addresses are dead", async () => {
  const [, port] = await found({ "10.0.0.1": "ECONNREFUSED", "10.0.0.2": "open", "fd00::3": "TIMEOUT" });
  expect(port).toEqual({
    check: "port",
    verdict: "warning",
    text: "Port 443 answers at 1 of 3 addresses: nothing listens at 10.0.0.1:443 (ECONNREFUSED); [fd00::3]:443 gives no sign within 10 s, as behind a firewall or where no machine is.",
    next: "Whoever gets the other addresses waits or fails: take them out of DNS or bring them back.",
  });
});

const firewall = "Check cloudianS3Endpoint, and routes and firewalls between this machine and it.";

test.each([
  ["TIMEOUT", "10.0.0.1:443 gives no sign within 10 s, as behind a firewall or where no machine is."],
  ["ETIMEDOUT", "10.0.0.1:443 gives no sign within 10 s, as behind a firewall or where no machine is."],
  ["EHOSTUNREACH", "There is no way from this machine to 10.0.0.1:443 (EHOSTUNREACH)."],
  ["ENETUNREACH", "There is no way from this machine to 10.0.0.1:443 (ENETUNREACH)."],
  ["EACCES", "No connection to 10.0.0.1:443 can be made (EACCES)."],
])("%s is told apart from a refusal", async (failure, text) => {
  const [, port] = await found({ "10.0.0.1": failure });
  expect(port).toEqual({ check: "port", verdict: "failed", text, next: firewall, stops: true });
});

test("an address has no name to resolve", async () => {
  const [name] = await found({ "10.0.0.1": "open" }, "http://10.0.0.1:9020");
  expect(name?.text).toBe("10.0.0.1 is an address, so that there is no name to resolve.");
  expect(addressesOf).not.toHaveBeenCalled();
  expect(openPort).toHaveBeenCalledWith("10.0.0.1", 9020, patience);
});
