import { commandsFindings, logInFindings, roleFindings } from "./cloudstack-access.ts";
import { siteFindings } from "./cloudstack-sites.ts";
import { poolFindings, stagingFindings, storeFindings } from "./cloudstack-stores.ts";
import { templateFindings } from "./cloudstack-templates.ts";
import { vmFindings } from "./cloudstack-vms.ts";
import type { Check } from "./finding.ts";

/** In this order, after the check `cloudstack-api` of the endpoint. */
export const cloudstackChecks: readonly Check[] = [
  { name: "log-in", subject: "API", needs: ["cloudstack-api"], run: logInFindings },
  { name: "commands", subject: "API", needs: ["log-in"], run: commandsFindings },
  { name: "role", subject: "API", needs: ["log-in"], run: roleFindings },
  { name: "stores", needs: ["role"], run: storeFindings },
  { name: "staging-store", needs: ["role"], run: stagingFindings },
  { name: "system-vm", needs: ["role"], run: vmFindings },
  { name: "internal-sites", needs: ["role"], run: siteFindings },
  { name: "templates", needs: ["role"], run: templateFindings },
  { name: "pools", needs: ["role"], run: poolFindings },
];
