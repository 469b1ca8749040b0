import { connectorFindings } from "./cloudian-connector.ts";
import { logInFindings } from "./cloudian-log-in.ts";
import type { Check } from "./finding.ts";

/** After the checks `admin-api` and `cloudian-s3` of the endpoints. */
export function cloudianChecks(withCloudStack: boolean): Check[] {
  const logIn: Check = { name: "log-in", subject: "Admin API", needs: ["admin-api"], run: logInFindings };
  const connector: Check = { name: "connector", subject: "connector", run: connectorFindings };
  return withCloudStack ? [logIn, connector] : [logIn];
}
