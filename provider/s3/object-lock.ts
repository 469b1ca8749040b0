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

/** Object lock is refused in any form; `false` asks for what is the case anyway. `needs` says what it would take. */
export function lockReason(needs: string): (property: string, value: unknown) => string | null | undefined {
  return (property, value) => {
    if (!spellings.has(property)) return undefined;
    if (value === false) return null;
    return (
      `object lock is not managed by this provider. ${needs} Remove the property; a bucket that needs object lock is made ` +
      `with the vendor's own tools`
    );
  };
}
