import { expect, test } from "vitest";
import { Ledger } from "../../provider/core/ledger.ts";

const BLUE = ["CloudianGroup", "http://a:80", "blue"] as const;
const OTHERS: [string, string, string][] = [
  ["CloudianUser", "http://a:80", "blue"],
  ["CloudianGroup", "http://b:80", "blue"],
  ["CloudianGroup", "http://a:80", "red"],
];

test("an object is taken once, until it is given back or gone", () => {
  const ledger = new Ledger();
  expect(ledger.take(...BLUE)).toBe(true);
  expect(ledger.take(...BLUE)).toBe(false);
  expect(ledger.isTaken(...BLUE)).toBe(true);
  for (const other of OTHERS) expect(ledger.isTaken(...other)).toBe(false);
  for (const other of OTHERS) expect(ledger.take(...other)).toBe(true);
  ledger.release(...BLUE);
  expect(ledger.take(...BLUE)).toBe(true);
  ledger.noteGone(...BLUE);
  expect(ledger.isTaken(...BLUE)).toBe(false);
});

test("what the state holds is remembered until the system says that it is gone", () => {
  const ledger = new Ledger();
  ledger.noteRecorded(...BLUE);
  expect(ledger.isRecorded(...BLUE)).toBe(true);
  for (const other of OTHERS) expect(ledger.isRecorded(...other)).toBe(false);
  expect(ledger.isTaken(...BLUE)).toBe(false);
  ledger.noteGone(...BLUE);
  expect(ledger.isRecorded(...BLUE)).toBe(false);
});

test("parts that run into each other are kept apart", () => {
  const ledger = new Ledger();
  ledger.noteRecorded("CloudianUser", "http://a:80", 'x","y');
  expect(ledger.isRecorded("CloudianUser", 'http://a:80","x', "y")).toBe(false);
});

test("an object is declared by the program, which a refresh that sees it does not say", () => {
  const ledger = new Ledger();
  ledger.noteRecorded(...BLUE);
  expect(ledger.isDeclared(...BLUE)).toBe(false);
  ledger.noteDeclared(...BLUE);
  expect(ledger.isDeclared(...BLUE)).toBe(true);
  for (const other of OTHERS) expect(ledger.isDeclared(...other)).toBe(false);
  const fresh = new Ledger();
  fresh.noteDeclared(...BLUE);
  expect(fresh.isRecorded(...BLUE)).toBe(true);
});

test("an object that is kept is so until it is gone", () => {
  const ledger = new Ledger();
  ledger.noteKept(...BLUE);
  expect(ledger.isKept(...BLUE)).toBe(true);
  for (const other of OTHERS) expect(ledger.isKept(...other)).toBe(false);
  ledger.noteGone(...BLUE);
  expect(ledger.isKept(...BLUE)).toBe(false);
});

test("what is always there is claimed by one new resource, and by none where a resource has it", () => {
  const ledger = new Ledger();
  expect(ledger.claim(...BLUE)).toBe(true);
  expect(ledger.isClaimed(...BLUE)).toBe(true);
  expect(ledger.claim(...BLUE)).toBe(false);
  for (const other of OTHERS) expect(ledger.claim(...other)).toBe(true);
  const held = new Ledger();
  held.noteDeclared(...BLUE);
  expect(held.claim(...BLUE)).toBe(false);
  expect(held.isClaimed(...BLUE)).toBe(false);
});

test("an object whose creation failed is wanted until it is taken or gone", () => {
  const ledger = new Ledger();
  ledger.take(...BLUE);
  expect(ledger.isWanted(...BLUE)).toBe(false);
  ledger.release(...BLUE);
  expect(ledger.isWanted(...BLUE)).toBe(true);
  ledger.take(...BLUE);
  expect(ledger.isWanted(...BLUE)).toBe(false);
  ledger.release(...BLUE);
  ledger.noteGone(...BLUE);
  expect(ledger.isWanted(...BLUE)).toBe(false);
});
