import { logInFindings } from "./ecs-log-in.ts";
import { namespaceFindings } from "./ecs-namespace.ts";
import { ownerFindings } from "./ecs-owner.ts";
import type { Check } from "./finding.ts";

/** In this order, after the checks `ecs-api` and `ecs-s3` of the two endpoints. */
export const ecsChecks: readonly Check[] = [
  { name: "log-in", subject: "management API", needs: ["ecs-api"], run: logInFindings },
  { name: "namespace", needs: ["log-in"], run: namespaceFindings },
  { name: "owner-key", subject: "S3", needs: ["log-in", "namespace", "ecs-s3"], run: ownerFindings },
];
