import { expect, test } from "vitest";
import { details, expiry, openCloudStack, post, signed } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();
const { endpoint, apiKey, secretKey, zoneId } = lab.addresses.cloudstack;

const refusedText = "unable to verify user credentials and/or request signature";
const bare = { command: "listZones", response: "json", apikey: apiKey };
const guest = { apiKey: "guest-key", secretKey: "guest-secret" };
const guestAccount = "3c5f8e21-0a4b-4d97-b6e8-71f2c9d05a34";
const withGuest = (type: number, state = "enabled") => ({
  accounts: { [guestAccount]: { name: "guest", type } },
  users: { "8d1b6f40-95c2-4e7a-a3f8-0b2d7c6e9f15": { username: "guest", accountId: guestAccount, state, ...guest } },
});

test("lists by GET, changes by POST, and a signature is good in either", async () => {
  const zone = { id: zoneId, name: "lab-zone", allocationstate: "Enabled" };
  for (const reply of [await api("listZones"), await api.get("listZones")]) {
    expect(reply).toMatchObject({ status: 200, key: "listzonesresponse", value: { count: 1 } });
    expect(reply.value["zone"]).toEqual([expect.objectContaining(zone)]);
    expect(reply.headers.get("content-type")).toBe("application/json; charset=UTF-8");
  }
});

test("the query wins over the body, and both are signed", async () => {
  const params = signed({ ...bare, name: "lab-zone" }, { apiKey, secretKey });
  const { name, ...rest } = params;
  expect((await post(`${endpoint}?name=${name}`, { ...rest, name: "other" })).value).toMatchObject({ count: 1 });
});

test("wrong, missing and unknown keys and signatures look the same, and so does an unknown command", async () => {
  const { signature: _, ...unsigned } = signed(bare, { apiKey, secretKey });
  const refused = [
    await post(endpoint, unsigned),
    await post(endpoint, signed(bare, { apiKey, secretKey: "wrong" })),
    await post(endpoint, signed({ ...bare, apikey: "unknown" }, { apiKey, secretKey })),
    await post(endpoint, { ...signed(bare, { apiKey, secretKey }), name: "altered" }),
  ];
  for (const reply of refused) {
    expect(reply).toMatchObject({ status: 401, key: "listzonesresponse" });
    expect(reply.value).toEqual({ uuidList: [], errorcode: 401, errortext: refusedText });
    expect(reply.headers.get("x-description")).toBe(refusedText);
  }
  const unknown = {
    status: 401,
    key: "errorresponse",
    value: { uuidList: [], errorcode: 401, errortext: refusedText },
  };
  expect(await api("listZonez")).toMatchObject(unknown);
  expect(await api("listzones")).toMatchObject(unknown);
  expect(await api.exactly({ response: "json", apikey: apiKey })).toMatchObject(unknown);
});

test("the names of the log-in are taken in any case", async () => {
  const params = { command: "listZones", response: "json", apiKey, signatureVersion: "3", Expires: expiry(60) };
  const { signature = "", ...rest } = signed(params, { apiKey, secretKey });
  expect((await post(endpoint, { ...rest, Signature: signature })).status).toBe(200);
  expect((await post(endpoint, { ...rest, signature })).status).toBe(200);
});

test("version 3 needs an expiry in the lab's future; others do not look at it", async () => {
  const status = async (params: Record<string, string>) => (await api.exactly({ ...bare, ...params })).status;
  expect(await status({ signatureversion: "3" })).toBe(401);
  expect(await status({ signatureversion: "3", expires: "tomorrow" })).toBe(401);
  expect(await status({ signatureversion: "3", expires: expiry(-1) })).toBe(401);
  expect(await status({ signatureversion: "3", expires: expiry(60).replace("+0000", "Z") })).toBe(200);
  expect(await status({ expires: expiry(-1) })).toBe(200);
  const tenMinutes = { signatureversion: "3", expires: expiry(600) };
  await control.advance(601);
  expect(await status(tenMinutes)).toBe(401);
});

test("a sign that is not encoded is a blank: the signature is wrong", async () => {
  const params = signed({ ...bare, signatureversion: "3", expires: expiry(60) }, { apiKey, secretKey });
  const query = Object.entries(params).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  expect((await fetch(`${endpoint}?${query.join("&")}`)).status).toBe(200);
  expect((await fetch(`${endpoint}?${query.join("&").replace("%2B0000", "+0000")}`)).status).toBe(401);
});

test("the enforcing mode of 4.21 wants POST for changes, version 3 and a near expiry", async () => {
  await control.patch("cloudstack", { options: { enforcePostAndTimestamps: true } });
  expect(await api.get("deleteImageStore", { id: zoneId })).toMatchObject({
    status: 400,
    key: "deleteimagestoreresponse",
  });
  expect((await api.get("listZones")).status).toBe(200);
  expect((await api("deleteImageStore", { id: zoneId })).status).toBe(431);
  expect((await api.exactly(bare)).status).toBe(401);
  const status = async (seconds: number) =>
    (await api.exactly({ ...bare, signatureversion: "3", expires: expiry(seconds) })).status;
  expect([await status(890), await status(910)]).toEqual([200, 401]);
  await control.patch("cloudstack", { options: { release: "4.20.0.0" } });
  expect((await api.get("deleteImageStore", { id: zoneId })).status).toBe(431);
});

test("without response=json it is XML, errors too", async () => {
  const { text, headers } = await api.exactly({ command: "listZones", apikey: apiKey });
  expect(headers.get("content-type")).toBe("text/xml; charset=UTF-8");
  expect(text).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?><listzonesresponse cloud-stack-version="4.22.0.0"><count>1</,
  );
  expect(text).toContain("<zone><id>0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35</id><name>lab-zone</name>");
  expect((await api.exactly({ command: "listHost", apikey: apiKey })).text).toContain("<errorcode>401</errorcode>");
});

test("a JSON body is not understood, nor is another path or method", async () => {
  const body = JSON.stringify(signed(bare, { apiKey, secretKey }));
  const headers = { "content-type": "application/json" };
  expect((await fetch(endpoint, { method: "POST", body, headers })).status).toBe(401);
  expect((await fetch(endpoint, { method: "PUT" })).status).toBe(405);
  expect((await fetch(endpoint.replace("/api", "/other"))).status).toBe(404);
});

test.each(["a\tb", "\u0000", "\u007f"])("the control characters of %j are refused, line ends are not", async (name) => {
  expect(await api("listZones", { name })).toMatchObject({ status: 431, value: { cserrorcode: 4350 } });
  expect((await api("listZones", { name: "a\r\nb" })).status).toBe(200);
});

test("what is missing, and what is not there, is 431 with the texts that clients look for", async () => {
  expect(await api("deleteImageStore")).toMatchObject({
    status: 431,
    value: {
      errorcode: 431,
      cserrorcode: 4350,
      errortext: expect.stringMatching(/deleteimagestore due to missing parameter id$/),
    },
  });
  expect((await api("updateImageStore")).value["errortext"]).toMatch(/ updateIm due to missing parameter id$/);
  const gone = await api("listZones", { id: "1a2b3c4d-0000-4000-8000-000000000000" });
  expect(gone).toMatchObject({ status: 431, value: { errortext: expect.stringContaining("entity does not exist") } });
});

test("a caller who is no administrator is refused by another text, and is not told of inner failures", async () => {
  await control.patch("cloudstack", withGuest(0));
  const call = api.as(guest);
  expect((await call("listZones")).status).toBe(200);
  const denied = await call("listImageStores");
  expect(denied).toMatchObject({ status: 401, key: "listimagestoresresponse" });
  expect(denied.value["errortext"]).toContain("does not exist, is not available");
  expect(denied.value).not.toHaveProperty("cserrorcode");
  await control.patch("cloudstack", withGuest(1));
  expect((await call("listImageStores")).status).toBe(200);
});

test.each(["disabled", "locked"])("a %s user is refused like one with a wrong key", async (state) => {
  await control.patch("cloudstack", withGuest(1, state));
  expect(await api.as(guest)("listZones")).toMatchObject({ status: 401, value: { errortext: refusedText } });
});

test("the users of an account that is not enabled are refused likewise", async () => {
  await control.patch("cloudstack", withGuest(1));
  await control.patch("cloudstack", { accounts: { [guestAccount]: { state: "locked" } } });
  expect(await api.as(guest)("listZones")).toMatchObject({ status: 401, value: { errortext: refusedText } });
});

test("a real command that the lab lacks is 501, for those who may call", async () => {
  expect(await api("listHosts")).toMatchObject({
    status: 501,
    text: expect.stringContaining("cloudstack (listHosts)"),
  });
  expect((await api.exactly({ command: "listHosts", response: "json", apikey: "x" })).status).toBe(401);
});

test("lists are cut in silence, and pages are given together or not at all", async () => {
  const zones = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, { name }]));
  await control.patch("cloudstack", { zones, options: { defaultPageSize: 3 } });
  const names = async (params: Record<string, string> = {}) => {
    const { status, value } = await api("listZones", params);
    const page = value["zone"] as { name: string }[] | undefined;
    return [status, value["count"], page?.map(({ name }) => name)];
  };
  expect(await names()).toEqual([200, 5, ["lab-zone", "a", "b"]]);
  expect(await names({ page: "2", pagesize: "3" })).toEqual([200, 5, ["c", "d"]]);
  expect(await names({ page: "3", pagesize: "3" })).toEqual([200, 5, undefined]);
  expect(await names({ pagesize: "-1" })).toEqual([200, 5, ["lab-zone", "a", "b", "c", "d"]]);
  expect((await api("listZones", { name: "none" })).value).toEqual({});
  for (const params of [
    { page: "1" },
    { pagesize: "2" },
    { page: "1", pagesize: "-1" },
    { page: "0", pagesize: "2" },
  ]) {
    expect((await api("listZones", params)).status).toBe(431);
  }
  const tooMany = await api("listZones", { page: "1", pagesize: "4" });
  expect(tooMany.value["errortext"]).toContain("max allowed page size");
});

test("switches: throttling, encoded texts, empty answers, success as a flag", async () => {
  const add = () => api("addImageStore", { name: "a b", provider: "S3", ...details({ bucket: "b" }) });
  const { id } = (await add()).value["imagestore"] as { id: string };
  await control.patch("cloudstack", { options: { encodeResponse: true } });
  expect((await api("listImageStores")).value["imagestore"]).toEqual([expect.objectContaining({ name: "a%20b" })]);
  await control.patch("cloudstack", { options: { successAsText: false } });
  expect((await api("deleteImageStore", { id })).value).toEqual({ success: true });
  await control.patch("cloudstack", { options: { emptyAnswers: true } });
  expect(await add()).toMatchObject({ status: 200, text: "" });
  await control.patch("cloudstack", { options: { emptyAnswers: false, encodeResponse: false, throttle: true } });
  expect((await api("listZones")).status).toBe(429);
});

test("the record shows commands and parameters, of queries and forms, without secrets", async () => {
  await api.get("listZones", { name: "x" });
  await api("addImageStore", { provider: "S3", ...details({ secretkey: "s3cr3t", accesskey: "AKIA" }) });
  await api("addImageStoreS3", { secretkey: "s3cr3t", accesskey: "AKIA", endpoint: "e", bucket: "b" });
  await api("updateConfiguration", { name: "cloudian.admin.password", value: "s3cr3t" });
  await api("updateConfiguration", { name: "ldap.bind.principal", value: "cn=s3cr3t" });
  await api("updateConfiguration", { name: "cloudian.admin.host", value: "admin.example.test" });
  const requests = await control.requests("cloudstack");
  expect(JSON.stringify(requests)).not.toContain("s3cr3t");
  expect(requests.map(({ method, query, body }) => ({ method, ...query, ...body }))).toEqual([
    expect.objectContaining({ method: "GET", command: "listZones", name: "x", apikey: apiKey, signature: "[secret]" }),
    expect.objectContaining({
      command: "addImageStore",
      "details[0].key": "secretkey",
      "details[0].value": "[secret]",
      "details[1].value": "AKIA",
      signature: "[secret]",
    }),
    expect.objectContaining({ command: "addImageStoreS3", secretkey: "[secret]", accesskey: "AKIA", endpoint: "e" }),
    expect.objectContaining({ name: "cloudian.admin.password", value: "[secret]" }),
    expect.objectContaining({ name: "ldap.bind.principal", value: "[secret]" }),
    expect.objectContaining({ name: "cloudian.admin.host", value: "admin.example.test" }),
  ]);
});

test("faults may ask for the command, in a query or a form", async () => {
  const lost = { system: "cloudstack", command: "addImageStore" } as const;
  await control.fault({ ...lost, kind: "reset-after-commit", method: "POST" });
  await control.fault({ ...lost, kind: "reset-before-read", method: "POST" });
  await control.fault({ system: "cloudstack", command: "listImageStores", kind: "status", status: 401 });
  expect((await api("listZones")).status).toBe(200);
  const add = (name: string) => api("addImageStore", { name, provider: "S3", ...details({ bucket: "b" }) });
  await expect(add("one")).rejects.toThrow("fetch failed");
  await expect(add("two")).rejects.toThrow("fetch failed");
  expect((await api.get("listImageStores")).status).toBe(401);
  expect((await api("listImageStores")).value).toMatchObject({ count: 1, imagestore: [{ name: "one" }] });
  const seen = (await control.requests("cloudstack")).map(({ status, body, query }) => [
    body?.["command"] ?? query["command"],
    status,
  ]);
  expect(seen).toEqual([
    ["listZones", 200],
    ["addImageStore", "reset-after-commit"],
    ["addImageStore", "reset-before-read"],
    ["listImageStores", 401],
    ["listImageStores", 200],
  ]);
});

test("faults find the one path that there is, and fail as the API does", async () => {
  await control.fault({ system: "cloudstack", kind: "status", status: 530, path: "/client/api" });
  expect(await api("listZones")).toMatchObject({ status: 530, key: "errorresponse", value: { errorcode: 530 } });
});
