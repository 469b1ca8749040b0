/** What an object may have that no property of its kind manages; it is left alone. */
const beyond: Readonly<Record<string, string>> = {
  CloudianGroup: "rating plan, storage policies, limits of other regions, administrators",
  CloudianUser: "password, other key pairs, IAM users, rating plan, limits of other regions",
  EcsBucket: "ACL, metadata search, objects, object lock",
  EcsObjectUser: "the second key, Swift and CAS credentials, ACLs of others' buckets",
  GlobalSetting: "values in narrower scopes",
  ObjectStoragePool: "buckets",
  S3Bucket: "storage policy, ACL, life cycle, replication, encryption, objects",
  S3SecondaryStorage: "signer, time-outs and retries, templates and snapshots on it",
  SecondaryStagingStore: "what is staged",
};

export function beyondOf(kind: string): string {
  return beyond[kind] ?? "";
}
