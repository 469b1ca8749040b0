import type { Settings } from "../../core/settings.ts";
import type { Check } from "./finding.ts";
import { keyFindings } from "./sso-key.ts";
import { logInFindings } from "./sso-log-in.ts";
import { stateFindings } from "./sso-state.ts";
import { userFindings } from "./sso-user.ts";

/** After the check `cmc` of the endpoint. */
export function ssoChecks(settings: Settings, withCloudStack: boolean): Check[] {
  const { ssoKey, cmc } = settings.cloudianSides();
  const cloud = withCloudStack ? ["cloudstack/log-in"] : [];
  return [
    { name: "key", needs: cloud, run: (context) => keyFindings(context, ssoKey, withCloudStack) },
    { name: "user", needs: [...cloud, "cloudian/log-in"], run: (context) => userFindings(context, withCloudStack) },
    {
      name: "log-in",
      needs: [...cloud, "cmc"],
      run: (context) => logInFindings(context, { ssoKey, cmc, withCloudStack }),
    },
    {
      name: "connector",
      subject: "connector",
      needs: cloud,
      run: (context) => stateFindings(context, cmc?.endpoint, withCloudStack),
    },
  ];
}
