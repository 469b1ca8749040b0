import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Certificates, makeCertificates } from "../../lab/certificates.ts";
import type { Lab } from "../../lab/index.ts";
import { type Front, type FrontOptions, type Heard, startFront } from "../harness/transport/front.ts";
import { outcomeOf, startTarget, type Way, ways } from "../harness/transport/ways.ts";

let lab: Lab;
let certificates: Certificates;
const fronts: Front[] = [];

beforeAll(async () => {
  // Where no engine listens, warnings go there.
  vi.spyOn(console, "error").mockImplementation(() => {});
  [{ lab }, certificates] = await Promise.all([startTarget(), makeCertificates()]);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await lab.close();
});
afterEach(async () => {
  await Promise.all(fronts.splice(0).map((front) => front.close()));
});

async function opened(options: FrontOptions = {}): Promise<Front> {
  const front = await startFront(options);
  fronts.push(front);
  return front;
}

/** What a process asks before it does anything, so that what follows can be redirected by itself. */
function isStart({ url }: Heard): boolean {
  return /^\/login$|[?&]command=listCapabilities\b|[?&]name=encode\.api\.response\b/.test(url);
}

const isWriting = ({ method }: Heard) => method !== "GET" && method !== "HEAD";
const calls = [
  { call: "read", redirects: (heard: Heard) => !isStart(heard) },
  { call: "read", redirects: () => true },
  { call: "write", redirects: isWriting },
] as const;
const statuses = [301, 302, 303, 307, 308];
/** Where a redirect leads, `elsewhere` being another listener. */
const places = [
  { place: "the same origin", location: () => "/elsewhere?a=b", tls: false },
  { place: "another port", location: ({ port }: Front) => `http://127.0.0.1:${port}/elsewhere?a=b`, tls: false },
  { place: "another host", location: ({ port }: Front) => `http://localhost:${port}/elsewhere?a=b`, tls: false },
  { place: "plain HTTP", location: ({ port }: Front) => `http://127.0.0.1:${port}/elsewhere?a=b`, tls: true },
];

interface Redirecting {
  readonly front: Front;
  readonly elsewhere: Front;
  /** What `front` has redirected. */
  readonly redirected: Heard[];
}

async function redirecting(
  way: Way,
  status: number,
  place: (typeof places)[number],
  redirects: (heard: Heard) => boolean,
): Promise<Redirecting> {
  const elsewhere = await opened();
  const redirected: Heard[] = [];
  const headers = { location: place.location(elsewhere), "content-type": "text/html" };
  const front = await opened({
    ...(place.tls ? { tls: certificates.byName.ca } : {}),
    target: { url: way.target(lab.addresses), caPem: lab.addresses.ecs.caPem },
    answer: (heard) => {
      if (!redirects(heard)) return undefined;
      redirected.push(heard);
      return { status, headers, body: "<html><body>Moved</body></html>" };
    },
  });
  return { front, elsewhere, redirected };
}

describe.each(ways)("redirects by $name", (way) => {
  test.each(places)("to $place are not followed, whatever their status and the call", async (place) => {
    for (const status of statuses) {
      for (const { call, redirects } of calls) {
        const { front, elsewhere, redirected } = await redirecting(way, status, place, redirects);
        // To read the authorities of the system anew for each cell would take most of the time.
        const trust = place.tls ? { [`${way.prefix}Insecure`]: "true" } : {};
        const settings = { ...way.settings(lab.addresses, front.origin), ...trust };
        const outcome = await outcomeOf(way[call](settings, front.origin));
        const cell = `${call} ${status} ${redirected[0]?.method} ${redirected[0]?.url}`;
        expect(redirected.length, cell).toBeGreaterThan(0);
        expect(outcome?.message, cell).toMatch(/ answered 30\d\b/);
        expect(outcome?.message, cell).toMatch(
          /It redirects to http.*; credentials are never sent on\. Set \w+Endpoint to the final address\.|It redirects, and nothing is ever sent on with a key\. Give the final address as the endpoint\./,
        );
        expect(outcome?.message, cell).not.toMatch(/elsewhere|a=b|report it/);
        expect(front.heard.map(({ url }) => url).filter((url) => url.startsWith("/elsewhere"))).toEqual([]);
        expect([elsewhere.connections, elsewhere.bytes], cell).toEqual([0, ""]);
      }
    }
  });
});

test("a redirect to a log-in page makes a new log-in, at the array and not at the page", async () => {
  const [, way] = ways;
  if (way === undefined) throw new Error("there is no way to ECS");
  const place = { place: "log-in page", location: ({ port }: Front) => `http://127.0.0.1:${port}/login`, tls: false };
  const { front, elsewhere } = await redirecting(way, 302, place, (heard) => !isStart(heard));
  const outcome = await outcomeOf(way.read(way.settings(lab.addresses, front.origin), front.origin));
  expect(outcome?.name).toBe("Unauthorized");
  expect(outcome?.message).toContain("let ecsEndpoint name one node");
  const asked = front.heard.map(({ url }) => url).filter((url) => url !== "/logout");
  const user = "/object/users/absent/info?namespace=ns1";
  expect(asked).toEqual(["/login", user, "/login", user]);
  expect([elsewhere.connections, elsewhere.bytes]).toEqual([0, ""]);
});
