import { Refused } from "../core/errors.ts";
import { objectIn, textIn } from "./answers.ts";
import type { CloudStackApi } from "./api.ts";

/** CloudStack's number for a root administrator. */
const rootAdministrator = "1";

/**
 * The account whose API key it is. Throws where that is no root administrator: everybody else gets the part of a list
 * that they may see, and no word about the rest.
 */
export async function rootAccountOf(api: CloudStackApi, apiKey: string): Promise<string> {
  const what = "find out whose API key this is";
  const answer = await api.read({ what, command: "getUser", parameters: { userapikey: apiKey } });
  const user = objectIn(answer, "user", what);
  if (textIn(user, "accounttype") === rootAdministrator) return textIn(user, "accountid") ?? "";
  throw new Refused(
    `The API key for ${api.endpoint} belongs to ${textIn(user, "username") ?? "a user"} of account ${textIn(user, "account") ?? "?"}, which is no root administrator: ` +
      `CloudStack would list only what that account may see. Use the key of a root administrator.`,
  );
}
