/** The ten limits of the Admin API, none set (reference: Cloudian Admin API, 5.1). */
export const unlimited = {
  hlDataKBytesIn: -1,
  hlDataKBytesOut: -1,
  hlRequestRate: -1,
  hlStorageQuotaCount: -1,
  hlStorageQuotaKBytes: -1,
  wlDataKBytesIn: -1,
  wlDataKBytesOut: -1,
  wlRequestRate: -1,
  wlStorageQuotaCount: -1,
  wlStorageQuotaKBytes: -1,
};

/** The one request that sets all ten, as the lab's request list shows it. */
export function limitsCall(groupId: string, userId: string, limits: Partial<typeof unlimited>): string {
  const query = Object.entries({ ...unlimited, ...limits, groupId, userId });
  const sorted = query.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
  return `POST /qos/limits?${sorted.join("&")}`;
}
