import { cloudianSsoUrl } from "../cloudian/sso.ts";
import { parseFlags, projectFlags, required, UsageError } from "./flags.ts";
import { settingsOf } from "./project.ts";

const targets = ["/", "admin.htm", "explorer.htm"] as const;

export const help = `Usage: cloudstack-storage sso-url --group GROUP --user USER [flags]

Prints a fresh URL that logs a user in to Cloudian's management console (CMC) without a password. For some minutes
whoever has it is that user, so it is printed on a terminal only: open it, and keep it nowhere.
Nothing is sent: the URL is signed here, and whether the user exists shows when it is opened.

Flags:
  --group GROUP    group of the user; "0" is the group of the CMC's administrators
  --user USER      user to log in
  --target PAGE    page behind the log-in: / (default: the CMC chooses), admin.htm or explorer.htm (both for CMC 6)
  --force          print it where standard output is a file or a pipe as well
  -C, --cwd DIR    folder of the Pulumi project whose configuration is read (default: this one)
  -s, --stack NAME stack whose configuration is read (default: the selected one)
  --help           this text

Settings: cloudianCmcEndpoint (CLOUDIAN_CMC_ENDPOINT), cloudianSsoKey (CLOUDIAN_SSO_KEY).

Exit codes: 0 printed, 1 failed, 2 the arguments cannot be used.
`;

export async function run(args: string[]): Promise<number> {
  const flags = parseFlags(args, {
    ...projectFlags,
    group: { type: "string" },
    user: { type: "string" },
    target: { type: "string", default: "/" },
    force: { type: "boolean", default: false },
  });
  const groupId = required(flags.group, "group", "the group of the user");
  const userId = required(flags.user, "user", "the user to log in");
  const redirect = targetOf(flags.target);
  if (!process.stdout.isTTY && !flags.force)
    throw new UsageError(
      "Standard output is no terminal. The URL is a credential: whoever reads it there is the user for some minutes. " +
        "Run this on a terminal, or give --force.",
    );
  const { endpoint: cmcEndpoint, ssoKey } = (await settingsOf(flags)).cloudianSso();
  const url = cloudianSsoUrl({ cmcEndpoint, groupId, userId, ssoKey, redirect });
  process.stderr.write(
    `This logs in as ${groupId}/${userId}, once, for some minutes, whoever opens it. Keep it nowhere.\n`,
  );
  process.stdout.write(`${url}\n`);
  return 0;
}

function targetOf(text: string): (typeof targets)[number] {
  const target = targets.find((known) => known === text);
  if (target !== undefined) return target;
  throw new UsageError(`--target needs one of ${targets.join(", ")}, not "${text}".`);
}
