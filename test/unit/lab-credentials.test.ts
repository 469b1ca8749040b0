import { beforeEach, expect, test } from "vitest";
import { openLab } from "./lab-stage.ts";

const { control, call } = await openLab();

beforeEach(async () => {
  await control.patch("cloudian", { groups: { g: {} }, users: { "g/u": {} } });
});

const me = "groupId=g&userId=u";

interface Pair {
  accessKey: string;
  secretKey: string;
  createDate: number;
  active: boolean;
}

async function create(): Promise<Pair> {
  return (await call("PUT", `/user/credentials?${me}`)).json() as Pair;
}

async function keys(query = ""): Promise<string[]> {
  return ((await call("GET", `/user/credentials/list?${me}${query}`)).json() as Pair[]).map((pair) => pair.accessKey);
}

test("each creation makes another pair, and its secret stays readable", async () => {
  const first = await create();
  const second = await create();
  expect(first).toEqual({
    accessKey: expect.stringMatching(/^[0-9a-f]{20}$/),
    secretKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
    createDate: expect.any(Number),
    expireDate: null,
    active: true,
  });
  expect(second.accessKey).not.toBe(first.accessKey);
  expect(second.createDate).toBeGreaterThan(first.createDate);
  expect((await call("GET", `/user/credentials?accessKey=${first.accessKey}`)).json()).toEqual(first);
  expect((await call("GET", `/user/credentials/list?${me}`)).json()).toEqual(
    [first, second].sort((a, b) => (a.accessKey < b.accessKey ? -1 : 1)),
  );
});

test("secrets hold the two characters that a URL must encode", async () => {
  const { secretKey } = await create();
  expect(secretKey).toMatch(/\+/);
  expect(secretKey).toMatch(/\//);
});

test("creating and importing for an absent user is 400, over the maximum 403", async () => {
  expect(await call("PUT", "/user/credentials?groupId=g&userId=x")).toMatchObject({ status: 400 });
  expect(await call("PUT", "/user/credentials?groupId=g")).toMatchObject({ status: 400 });
  expect(await call("POST", "/user/credentials?groupId=g&userId=x&accessKey=k&secretKey=s")).toMatchObject({
    status: 400,
  });
  await control.patch("cloudian", {
    options: { maxKeysPerUser: 2 },
    credentials: { iam: { groupId: "g", userId: "u", iam: true }, off: { groupId: "g", userId: "u", active: false } },
  });
  await create();
  expect(await call("PUT", `/user/credentials?${me}`)).toMatchObject({ status: 403 });
  expect(await call("POST", `/user/credentials?${me}&accessKey=k&secretKey=s`)).toMatchObject({ status: 403 });
  expect(await keys()).toHaveLength(3);
});

test("the maximum is five pairs unless configured", async () => {
  for (let count = 0; count < 5; count += 1) await create();
  expect(await call("PUT", `/user/credentials?${me}`)).toMatchObject({ status: 403 });
});

test("importing keeps the pair as it was sent; a taken access key is 409", async () => {
  const secret = encodeURIComponent("a+b/c=");
  const target = `/user/credentials?${me}&accessKey=K1&secretKey=${secret}`;
  expect(await call("POST", target)).toMatchObject({ status: 200, text: "" });
  expect((await call("GET", "/user/credentials?accessKey=K1")).json()).toMatchObject({
    secretKey: "a+b/c=",
    active: true,
  });
  expect(await call("POST", target)).toMatchObject({ status: 409 });
  expect(await call("POST", `/user/credentials?${me}&accessKey=K2`)).toMatchObject({ status: 400 });
  expect(await call("POST", `/user/credentials?${me}&secretKey=s`)).toMatchObject({ status: 400 });
});

test("an absent key is 204, no keys are 204, the keys of an absent user 400", async () => {
  expect(await call("GET", "/user/credentials?accessKey=none")).toMatchObject({ status: 204, text: "" });
  expect(await call("GET", "/user/credentials")).toMatchObject({ status: 400 });
  for (const path of ["/user/credentials/list", "/user/credentials/list/active"]) {
    expect(await call("GET", `${path}?${me}`)).toMatchObject({ status: 204, text: "" });
    expect(await call("GET", `${path}?groupId=g&userId=x`)).toMatchObject({ status: 400 });
  }
});

test("the active list leaves switched-off keys out", async () => {
  const { accessKey } = await create();
  const other = await create();
  const status = `/user/credentials/status?accessKey=${accessKey}`;
  expect(await call("POST", `${status}&isActive=false`)).toMatchObject({ status: 200, text: "" });
  expect((await call("GET", `/user/credentials?accessKey=${accessKey}`)).json()).toMatchObject({ active: false });
  expect((await call("GET", `/user/credentials/list/active?${me}`)).json()).toEqual([other]);
  await call("POST", `${status}&isActive=true`);
  expect((await call("GET", `/user/credentials/list/active?${me}`)).json()).toHaveLength(2);
});

test("the status of an unknown key, or a strange status, is 400", async () => {
  expect(await call("POST", "/user/credentials/status?accessKey=none&isActive=true")).toMatchObject({ status: 400 });
  const { accessKey } = await create();
  expect(await call("POST", `/user/credentials/status?accessKey=${accessKey}&isActive=yes`)).toMatchObject({
    status: 400,
  });
});

test("keys of IAM users are listed unless only root keys are asked for", async () => {
  await control.patch("cloudian", {
    credentials: { a: { groupId: "g", userId: "u", iam: true }, b: { groupId: "g", userId: "u" } },
  });
  expect(await keys()).toEqual(["a", "b"]);
  expect(await keys("&isRootAccountOnly=false")).toEqual(["a", "b"]);
  expect(await keys("&isRootAccountOnly=true")).toEqual(["b"]);
  expect(await call("GET", `/user/credentials/list?${me}&isRootAccountOnly=1`)).toMatchObject({ status: 400 });
  await control.patch("cloudian", { options: { rootKeysOnlyByDefault: true } });
  expect(await keys()).toEqual(["b"]);
});

test("deleting is 200; an unknown key is 400, 204 or 200", async () => {
  const { accessKey } = await create();
  const target = `/user/credentials?accessKey=${accessKey}`;
  expect(await call("DELETE", target)).toMatchObject({ status: 200, text: "" });
  expect(await call("GET", target)).toMatchObject({ status: 204 });
  for (const status of [400, 204, 200]) {
    await control.patch("cloudian", { options: { unknownKeyDeletionStatus: status } });
    expect(await call("DELETE", target)).toMatchObject({ status });
  }
});

test("equal dates, an inactive oldest key and lists out of order can be arranged", async () => {
  await control.patch("cloudian", {
    credentials: {
      c: { groupId: "g", userId: "u", createDate: 1000, active: false },
      a: { groupId: "g", userId: "u", createDate: 3000 },
      b: { groupId: "g", userId: "u", createDate: 2000 },
      d: { groupId: "g", userId: "u", createDate: 2000 },
    },
  });
  const rows = (await call("GET", `/user/credentials/list?${me}`)).json() as Pair[];
  expect(rows.map(({ accessKey, createDate, active }) => [accessKey, createDate, active])).toEqual([
    ["a", 3000, true],
    ["b", 2000, true],
    ["c", 1000, false],
    ["d", 2000, true],
  ]);
});

test("the next lists miss the newest key, as often as configured", async () => {
  const { accessKey } = await create();
  await control.patch("cloudian", { options: { staleLists: 1 } });
  expect(await call("GET", `/user/credentials/list?${me}`)).toMatchObject({ status: 204 });
  expect(await keys()).toEqual([accessKey]);
});
