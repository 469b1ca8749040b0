import { allowed } from "./s3-access.ts";
import {
  createBucket,
  deleteBucket,
  headBucket,
  listBuckets,
  putVersioning,
  readLocation,
  readObjectLock,
  readVersioning,
} from "./s3-buckets.ts";
import { header, type S3Call, type S3Operation } from "./s3-call.ts";
import { deletePolicy, deleteTags, putPolicy, putTags, readPolicy, readTags } from "./s3-configuration.ts";
import { copyObject } from "./s3-copy.ts";
import { deleteCors, putCors, readCors } from "./s3-cors.ts";
import { listObjects } from "./s3-listing.ts";
import { deleteObjects } from "./s3-multi-delete.ts";
import { abortUpload, completeUpload, createUpload, listParts, listUploads, uploadPart } from "./s3-multipart.ts";
import { putObject, readObject, removeObject } from "./s3-objects.ts";
import { listVersions } from "./s3-version-listing.ts";

const writeObject = allowed("s3:PutObject", (call, bucket) => {
  const source = header(call, "x-amz-copy-source");
  return source === undefined ? putObject(call, bucket) : copyObject(call, bucket, source);
});

/** By sub-resource, the plain resource having no name, and by method. */
type Routes = ReadonlyMap<string, Readonly<Record<string, S3Operation>>>;

const serviceRoutes: Routes = new Map([["", { GET: listBuckets }]]);

const bucketRoutes: Routes = new Map<string, Record<string, S3Operation>>([
  ["", { GET: listObjects, HEAD: headBucket, PUT: createBucket, DELETE: deleteBucket }],
  ["cors", { GET: readCors, PUT: putCors, DELETE: deleteCors }],
  ["delete", { POST: deleteObjects }],
  ["location", { GET: readLocation }],
  ["object-lock", { GET: readObjectLock }],
  ["policy", { GET: readPolicy, PUT: putPolicy, DELETE: deletePolicy }],
  ["tagging", { GET: readTags, PUT: putTags, DELETE: deleteTags }],
  ["uploads", { GET: listUploads }],
  ["versioning", { GET: readVersioning, PUT: putVersioning }],
  ["versions", { GET: listVersions }],
]);

const objectRoutes: Routes = new Map<string, Record<string, S3Operation>>([
  ["", { GET: readObject, HEAD: readObject, PUT: writeObject, DELETE: removeObject }],
  ["uploadId", { GET: listParts, PUT: uploadPart, POST: completeUpload, DELETE: abortUpload }],
  ["uploads", { POST: createUpload }],
]);

/** Sub-resources of S3 and of ECS that the lab lacks. */
const unknownSubresources = new Set(
  "abac accelerate acl analytics attributes empty-bucket-status encryption endpoint intelligent-tiering inventory isstaleallowed legal-hold lifecycle logging metadataConfiguration metadataTable metrics notification object-lock ownershipControls partNumber policyStatus publicAccessBlock query replication renameObject requestPayment restore retention searchmetadata select session tagging torrent website".split(
    " ",
  ),
);

/** Parameters that may be empty; any other without a value is a sub-resource. */
const parameters = new Set(
  "continuation-token delimiter encoding-type fetch-owner key-marker list-type marker max-keys max-parts max-uploads metadata part-number-marker partNumber prefix start-after upload-id-marker uploadId version-id-marker versionId x-id".split(
    " ",
  ),
);

/** Undefined: the lab does not implement it. */
export function operationFor(call: S3Call): S3Operation | undefined {
  const routes = call.bucketName === "" ? serviceRoutes : call.key === "" ? bucketRoutes : objectRoutes;
  const names = [...call.query.keys()];
  const known = names.find((name) => name !== "" && routes.has(name));
  const unknown = names.find((name) => !routes.has(name) && isSubresource(call, name));
  if (unknown !== undefined) return undefined;
  const operations = routes.get(known ?? "") ?? {};
  return Object.hasOwn(operations, call.request.method) ? operations[call.request.method] : undefined;
}

function isSubresource({ query }: S3Call, name: string): boolean {
  if (name === "partNumber") return !query.has("uploadId");
  if (unknownSubresources.has(name)) return true;
  return name !== "" && query.get(name) === "" && !parameters.has(name) && !/^(x-amz-|response-)/i.test(name);
}
