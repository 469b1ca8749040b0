import { expect, test } from "vitest";
import { ApiFailure } from "../../provider/cloudstack/answers.ts";
import { byId, SharedList } from "../../provider/cloudstack/shared-list.ts";

const id = "11111111-0000-4000-8000-000000000001";
const other = { id: "11111111-0000-4000-8000-000000000002" };

test.each([
  { what: "both lists are empty", all: [], asked: [] },
  { what: "the list of all holds others", all: [other], asked: [] },
  { what: "the answer is about another one", all: [], asked: [other] },
])("an object is not gone because lists do not hold it: $what", async ({ all, asked }) => {
  const list = new SharedList<{ id: string }>(async () => all);
  const outcome = await byId(list, id, async () => asked).then(
    (found) => found,
    (error: Error) => error.message,
  );
  expect(outcome).toContain("CloudStack neither lists it nor says that it does not exist");
});

test("it is gone where CloudStack says so of its id", async () => {
  const list = new SharedList<{ id: string }>(async () => []);
  const says = async () => {
    throw new ApiFailure("no", 431, "entity does not exist");
  };
  expect(await byId(list, id, says)).toBeUndefined();
});
