import { z } from "zod";

/** Neither dots nor slashes (reference: ECS management API, 2). */
export const namespaceName = z
  .string({
    error: (issue) => (issue.input === undefined ? "is required: give it, or set ecsNamespace" : "must be a text"),
  })
  .min(1, "must not be empty")
  .max(255, "must have at most 255 characters")
  .regex(/^[a-zA-Z0-9_-]*$/, "may hold letters, digits, - and _ only");
