import { withinOperation } from "../core/operation.ts";
import { convert } from "./convert-nfs/conversion.ts";
import { declarationFlags, declaredStore } from "./convert-nfs/declaration.ts";
import { planText } from "./convert-nfs/plan.ts";
import { type Plan, preflight } from "./convert-nfs/preflight.ts";
import { parseFlags, projectFlags, UsageError } from "./flags.ts";
import { folderOf, projectFolderOf, settingsOf } from "./project.ts";
import { ask, canAsk } from "./question.ts";

export const help = `Usage: cloudstack-storage convert-nfs --endpoint URL --bucket NAME --access-key-id ID
                                      --secret-access-key-env VARIABLE [flags]

Turns ALL NFS secondary storage of a CloudStack cloud into staging stores and adds S3 secondary storage in its place
(CloudStack's updateCloudToUseObjectStore). There is NO way back: nothing turns a staging store into secondary storage
again. Everything that can be looked at is looked at first, then it says what will happen and asks for the bucket's
name, then it sends the one command, never twice, and looks at what is there afterwards, whatever the answer was.

Flags:
  --endpoint URL    of the S3 service, as the system VMs reach it
  --bucket NAME     bucket of the new store; it must exist, best empty
  --access-key-id ID
                    access key id of its owner
  --secret-access-key-env VARIABLE
                    environment variable that holds the secret access key; there is no flag for the key itself
  --secret-access-key-config KEY
                    or: key of the stack configuration that holds it
  --name NAME       name of the new store (default: the bucket's name)
  --s3-signer v4|v2 signature version of CloudStack's S3 client (default: it chooses)
  --connection-timeout-ms N, --socket-timeout-ms N, --max-error-retry N, --connection-ttl-ms N, --use-tcp-keep-alive
                    of CloudStack's S3 client (default: its own); none of them can be changed later
  --plain-http      allow an endpoint, or an API of CloudStack, without TLS: keys, templates and snapshots in the clear
  --plan            look and say what would happen, and end
  --yes-i-have-read BUCKET
                    the confirmation where nobody can type it: the bucket's name once more; in a project with --stack
  -C, --cwd DIR     folder of the Pulumi project whose configuration is read (default: this one)
  -s, --stack NAME  stack whose configuration is read (default: the selected one)
  --help            this text

Settings: cloudstackEndpoint, cloudstackApiKey, cloudstackSecretKey (a root administrator); s3CaFile, s3CaPem, s3Insecure.

Exit codes: 0 converted, and all that was announced is there (with --plan: it could be done); 1 it was not done, or
not all of it, and what is there now has been said; 2 the arguments cannot be used.
`;

export async function run(args: string[]): Promise<number> {
  const flags = parseFlags(args, {
    ...projectFlags,
    ...declarationFlags,
    "plain-http": { type: "boolean", default: false },
    plan: { type: "boolean", default: false },
    "yes-i-have-read": { type: "string" },
  });
  const read = flags["yes-i-have-read"];
  const store = await declaredStore(flags);
  if (read !== undefined && read !== store.details.bucket)
    throw new UsageError(`--yes-i-have-read needs the bucket's name, ${store.details.bucket}, not "${read}".`);
  if (!flags.plan && read === undefined) requireReader();
  // Which cloud it is must not depend on what somebody has selected, or on whether pulumi is there to ask.
  if (read !== undefined && flags.stack === undefined && projectFolderOf(folderOf(flags)) !== undefined)
    throw new UsageError("--yes-i-have-read needs --stack in a Pulumi project: the stack whose cloud is converted.");
  const settings = await settingsOf(flags);
  const budget = settings.transport().operationTimeoutSeconds;
  const allowed = { plainHttp: flags["plain-http"] };
  const look = () => withinOperation(budget, () => preflight(settings, store, allowed));
  const plan = await look();
  process.stdout.write(planText(plan));
  if (plan.obstacles.length > 0) return 1;
  if (flags.plan) return 0;
  if (read === undefined && !(await isConfirmed(plan))) {
    process.stderr.write("Nothing was changed.\n");
    return 1;
  }
  // Whoever is asked may take hours.
  const shown = planText(plan);
  const now = read === undefined ? planText(await look()) : shown;
  if (now === shown) return await convert(settings, plan);
  process.stdout.write(`\n${now}`);
  process.stderr.write("While you were asked, what is there has become another. Nothing was changed; start again.\n");
  return 1;
}

/** Somebody who sees the plan and can answer. */
function requireReader(): void {
  const instead = "Give --plan, read, then --yes-i-have-read.";
  if (!canAsk()) throw new UsageError(`Nobody is here to confirm what cannot be undone. ${instead}`);
  if (!process.stdout.isTTY)
    throw new UsageError(`Standard output is no terminal, so that nobody would see the plan when asked. ${instead}`);
}

async function isConfirmed({ cloud, store }: Plan): Promise<boolean> {
  const question = `All NFS secondary storage of ${cloud.endpoint} goes. This cannot be undone. Type the name of the bucket to go on: `;
  return (await ask(question)) === store.details.bucket;
}
