import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const folder = resolve(import.meta.dirname, "..");

interface Danger {
  readonly never: string;
  /** Names of tests, as their files spell them, by file. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
}

/** What the provider must never do, whatever a program asks, and the tests that fail where it does: ten rules, and a few more. */
const dangers: readonly Danger[] = [
  {
    never: "1. repeat, in one process, a log-in with a password that was refused",
    tests: {
      "contract/faults.test.ts": [
        "a 401 stops at once: its password is not sent again in this process, and is in no message",
        "parallel first calls with a wrong password ask once, not once each",
      ],
      "contract/ecs-session.test.ts": [
        "a wrong password is tried once in a process, by twelve at once and by those who come later",
        "a log-in that nobody answers is tried once more in a process, and then never: each may count as a wrong password",
      ],
      "contract/cloudstack-settings.test.ts": ["a wrong secret key is offered once, and shown nowhere"],
      "engine/ecs-session.test.ts": ["a rotated password: offered once, and the message names what helps"],
    },
  },
  {
    never: "2. delete a group or user without having looked whether it holds users or buckets",
    tests: {
      "faults/danger-02-look-before-delete.test.ts": [
        "an empty list of users deletes nobody, nor what they own (forceDestroy: %s)",
        "forceDestroy goes no further than users who own nothing: one bucket with data keeps all of them",
        "an ECS object user with data stays, also where the list of buckets is empty, cut or refused",
      ],
      "contract/absence.test.ts": ["a doubtful look before a deletion deletes nothing: $what"],
      "contract/ecs-absence.test.ts": ["a doubtful look at the namespace's buckets deletes no user: $what"],
      "engine/destroy.test.ts": ["nothing that holds data or users goes, unless the program says so before"],
      "property/hostile.test.ts": ["no user list of the server empties a group that it does not understand"],
    },
  },
  {
    never: "3. treat a short list as truth for deleting",
    tests: {
      "engine/danger-03-account-list.test.ts": [
        "an account list that is truncated, unauthorized or none at all de-provisions nobody",
      ],
      "unit/cloudstack-lookups.test.ts": [
        "throws, whichever list it is",
        "of accounts without the caller's own throws",
      ],
      "contract/roster.test.ts": ["refuses a removal above the cap, and says who would go"],
      "engine/cloudstack-tenancy.test.ts": [
        "a list that lacks most accounts removes nobody: preview and up refuse and name who would go",
        "destroy deactivates everybody and deletes nobody",
      ],
    },
  },
  {
    never: "4. delete an ECS key without naming it, a sub-resource that may not be there, or log everybody out",
    tests: {
      "contract/ecs-keys.test.ts": ["a full pair is an error that names both dates, and no key is deleted"],
      "contract/s3-bucket.test.ts": [
        "an aspect that somebody has removed already is not deleted: some services would delete the bucket",
      ],
      "property/hostile-s3.test.ts": [
        "a sub-resource is deleted only where a look has just returned one, and the bucket never with it",
      ],
      "faults/danger-08-conversion.test.ts": [
        "nothing in the provider names an operation that purges, repairs or logs everybody out",
      ],
    },
  },
  {
    never: "5. replace an object under the same id",
    tests: {
      "engine/danger-05-replacement.test.ts": [
        "up --replace of every kind, whatever form its name has, deletes nothing that stays, and no data in it",
      ],
      "engine/danger-05-renaming.test.ts": [
        "a stack rename, an alias, a logical rename under one and a state move replace nothing, of any kind",
      ],
      "engine/replacement.test.ts": [
        "no replacement takes over and then deletes the very object that it replaces",
        "a replacement whose new name is taken leaves the old object alone",
      ],
      "engine/ecs-replacement.test.ts": [
        "no replacement takes over and then deletes the very user or bucket that it replaces",
        "a resource renamed without an alias keeps its user or bucket where the new one adopts it",
      ],
      "engine/cloudstack-replacement.test.ts": [
        "no replacement takes over and then deletes the very store that it replaces",
      ],
      "engine/renaming.test.ts": [
        "a resource renamed without an alias keeps its object where the new one adopts it",
        "an interrupted rename leaves two holders of one object; the one that goes does not take it along",
      ],
      "engine/cloudstack-adoption.test.ts": [
        "are not deleted where a resource is only renamed without an alias: the new one takes them over",
      ],
      "engine/s3-places.test.ts": [
        "a storage policy goes into the creation and cannot change; another address of the service is no other bucket",
      ],
    },
  },
  {
    never: "6. make a new key where the old one is in use",
    tests: {
      "faults/danger-06-same-key.test.ts": [
        "after the repair of a deleted Cloudian key whoever holds the pair reads the data as before",
        "after the repair of a deleted ECS key, and after a rotation, whoever holds the earlier pair reads the data",
      ],
      "contract/user.test.ts": ["a lost key is imported again, a switched-off one is switched on: the same pair"],
      "contract/ecs-keys.test.ts": [
        "a key that was deleted by hand $what reads as generation 0 and comes back as the same key",
      ],
    },
  },
  {
    never: "7. leave a cloud-wide setting worse than found",
    tests: {
      "contract/cloudstack-setting-members.test.ts": [
        "adds what is missing to $what, without blanks, and everybody else's stay",
        "go with the resource, and everybody else's stay (%s)",
      ],
      "contract/cloudstack-setting-secrets.test.ts": [
        "the value of %s and what was there before are wrapped in every result",
      ],
      "engine/cloudstack-settings.test.ts": [
        "destroy resets, restores, keeps secrets by default, and takes out only what it has added",
      ],
    },
  },
  {
    never: "8. turn NFS stores into staging stores from a resource",
    tests: {
      "faults/danger-08-conversion.test.ts": [
        "no resource can start the conversion of NFS stores, which cannot be undone; the command alone sends it",
      ],
      "contract/cli-convert-nfs.test.ts": ["everything that stands in the way is told at once, and nothing is sent"],
    },
  },
  {
    never: "9. send a secret in a URL over plain HTTP, or hash one into a name",
    tests: {
      "contract/transport.test.ts": [
        "a secret in a URL is refused over plain HTTP before anything is sent",
        "a key is not imported over plain HTTP",
      ],
      "contract/cloudstack-store.test.ts": [
        "ends in eight digits of the details, of which the secret key is none",
        "hashes no detail that the program has made secret",
      ],
      "contract/cloudstack-settings.test.ts": [
        "no request shows the secret key of the settings or that of a store in its URL",
      ],
    },
  },
  {
    never: "10. depend on a secret that only one reply carried",
    tests: {
      "contract/ecs-keys.test.ts": [
        "a first key whose reply is lost (%j) is one key",
        "a rotation whose reply is lost (%j) makes one key",
      ],
      "contract/faults.test.ts": ["a rotation whose new key's reply is lost ($kind) makes one pair"],
      "unit/ecs-keys.test.ts": ["of a new user is made here and pushed, recorded before it leaves"],
    },
  },
  {
    never: "write what a program does not mention when a bucket is adopted",
    tests: {
      "faults/danger-adoption.test.ts": [
        "keeps all of it, and its data, when an EcsBucket and an S3Bucket of an ECS adopt it, and afterwards",
        "keeps all of it, and its data, when an S3Bucket of a HyperStore adopts it",
      ],
      "engine/ecs-adoption.test.ts": ["adopt: true takes an ECS bucket over and leaves what is not declared"],
    },
  },
  {
    never: "take an object for gone that the system does not say is gone",
    tests: {
      "faults/danger-wrong-namespace.test.ts": [
        "makes nothing gone and renames nothing, whether there is one (%s)",
        "makes what is recorded in one that the array does not know an error, never gone, and deletes nothing",
      ],
      "unit/cloudstack-absence.test.ts": ["an object is not gone because lists do not hold it: $what"],
      "contract/absence.test.ts": ["204 for the object itself, and nothing else, is gone"],
      "property/hostile-ecs.test.ts": [
        "a refusal of the array means gone only where it says so of this object; of anything else it is an error",
      ],
    },
  },
  {
    never: "hammer a feature that is off, or take another client's word for unlimited for a limit",
    tests: {
      "faults/danger-limits.test.ts": [
        "503 of a feature that is off is one request and an error that says so, though other 503 are tried again",
        "-2, which another client stores, reads as unlimited and is no drift",
      ],
    },
  },
];

test.each(dangers)("each test that proves this is there: never $never", ({ tests }) => {
  const missing = Object.entries(tests).flatMap(([file, names]) => {
    const text = readFileSync(join(folder, file), "utf8");
    return names.filter((name) => !text.includes(`"${name}"`)).map((name) => `${file}: ${name}`);
  });
  expect(missing).toEqual([]);
});

test("the ten rules are all here, and a few more", () => {
  expect(dangers.flatMap(({ never }) => /^(\d+)\./.exec(never)?.[1] ?? []).map(Number)).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  ]);
  expect(dangers).toHaveLength(13);
});
