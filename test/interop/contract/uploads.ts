import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { ask, askHead } from "./asking.ts";
import type { Check } from "./check.ts";

const MEBIBYTE = 1024 * 1024;

export const uploads: readonly Check[] = [
  {
    name: "upload in parts: seen as unfinished, completed, read",
    async run(scene) {
      const { owner } = scene;
      const object = { Bucket: await scene.bucket(), Key: "big" };
      const { UploadId } = await owner.send(new CreateMultipartUploadCommand(object));
      const { Uploads = [] } = await owner.send(new ListMultipartUploadsCommand({ Bucket: object.Bucket }));
      const bodies = [Buffer.alloc(5 * MEBIBYTE, "x"), Buffer.from("end")];
      const parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const [index, Body] of bodies.entries()) {
        const part = { PartNumber: index + 1 };
        const { ETag } = await owner.send(new UploadPartCommand({ ...object, ...part, UploadId, Body }));
        parts.push({ ...part, ETag });
      }
      const { Parts = [] } = await owner.send(new ListPartsCommand({ ...object, UploadId }));
      const hidden = await askHead(owner, new HeadObjectCommand(object));
      const complete = { ...object, UploadId, MultipartUpload: { Parts: parts } };
      await owner.send(new CompleteMultipartUploadCommand(complete));
      const { ContentLength, ETag = "" } = await owner.send(new HeadObjectCommand(object));
      const end = await owner.send(new GetObjectCommand({ ...object, Range: "bytes=-4" }));
      return [
        Uploads.map(({ Key }) => Key).join(" "),
        Parts.map(({ Size }) => Size).join(" "),
        hidden,
        /-2"$/.test(ETag) ? "tag of two parts" : ETag,
        `${ContentLength}`,
        (await end.Body?.transformToString()) ?? "",
      ];
    },
    expected: ["big", "5242880 3", "404", "tag of two parts", "5242883", "xend"],
  },
  {
    name: "upload in parts: aborted, aborted again, a part of one that there is not",
    async run(scene) {
      const { owner } = scene;
      const object = { Bucket: await scene.bucket(), Key: "big" };
      const { UploadId } = await owner.send(new CreateMultipartUploadCommand(object));
      const abort = new AbortMultipartUploadCommand({ ...object, UploadId });
      const [first, second] = [await ask(owner, abort), await ask(owner, abort)];
      const part = await ask(owner, new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: "x" }));
      const { Uploads = [] } = await owner.send(new ListMultipartUploadsCommand({ Bucket: object.Bucket }));
      return [first, second, part, `${Uploads.length} left`];
    },
    expected: ["204", "404 NoSuchUpload", "404 NoSuchUpload", "0 left"],
  },
  {
    name: "upload in parts: completed with a part that there is not, with parts that are too small",
    async run(scene) {
      const { owner } = scene;
      const object = { Bucket: await scene.bucket(), Key: "big" };
      const { UploadId } = await owner.send(new CreateMultipartUploadCommand(object));
      const parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const PartNumber of [1, 2]) {
        const { ETag } = await owner.send(new UploadPartCommand({ ...object, UploadId, PartNumber, Body: "small" }));
        parts.push({ PartNumber, ETag });
      }
      const complete = (Parts: typeof parts) =>
        ask(owner, new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
      return [await complete([{ PartNumber: 3, ETag: parts[0]?.ETag }]), await complete(parts)];
    },
    expected: ["400 InvalidPart", "400 EntityTooSmall"],
  },
];
