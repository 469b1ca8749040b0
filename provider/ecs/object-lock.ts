/** How programs of other tools and APIs spell it. */
const spellings = new Set([
  "objectLock",
  "objectLocking",
  "objectLockEnabled",
  "objectLockConfiguration",
  "objectLockEnabledForBucket",
  "isObjectLockEnabled",
  "object_lock",
  "object_lock_enabled",
]);

/** Object lock is refused in any form; `false` asks for what is the case anyway. */
export function lockReason(property: string, value: unknown): string | null | undefined {
  if (!spellings.has(property)) return undefined;
  if (value === false) return null;
  return (
    "object lock is not managed by this provider. On ECS it takes an IAM user (not an object user) as the owner, a mode " +
    "(GOVERNANCE or COMPLIANCE), a retention period, and access during outage off, and it can never be removed from a bucket. " +
    "Remove the property; a bucket that needs object lock is made with the vendor's own tools"
  );
}
