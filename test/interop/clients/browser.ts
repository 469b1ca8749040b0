import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Tenant } from "./tenant.ts";

/** The headers that a page adds which signs its requests, as CloudStack's bucket browser does. */
const asked = "authorization,x-amz-content-sha256,x-amz-date";

/** What a web browser asks and looks at before it lets a page see an answer. */
export function browserSuite(tenant: () => Tenant): void {
  describe("web browser", () => {
    const listing = () => `${tenant().endpoint}/${tenant().bucket}?list-type=2&metadata=true`;
    const preflight = async (origin: string, method: string) => {
      const headers = { origin, "access-control-request-method": method, "access-control-request-headers": asked };
      const response = await fetch(listing(), { method: "OPTIONS", headers });
      await response.arrayBuffer();
      return response;
    };

    for (const method of ["GET", "PUT", "POST", "DELETE", "HEAD"]) {
      test(`may send ${method} from the page that the program lets in`, async () => {
        const { status, headers } = await preflight(tenant().origin, method);
        expect(status).toBe(200);
        expect(headers.get("access-control-allow-origin")).toBe(tenant().origin);
        expect(headers.get("access-control-allow-methods")?.split(/, ?/)).toContain(method);
        expect(headers.get("access-control-allow-headers")?.toLowerCase().split(/, ?/)).toEqual(asked.split(","));
      });
    }

    test("may send nothing from another page", async () => {
      const { status, headers } = await preflight("https://other.example", "GET");
      expect(status).toBe(403);
      expect(headers.get("access-control-allow-origin")).toBeNull();
    });

    test("may show the page its signed listing, with the tag of each object", async () => {
      const url = new URL(listing());
      const response = await fetch(url, { headers: { origin: tenant().origin, ...signed(url, tenant()) } });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("<ListBucketResult");
      expect(response.headers.get("access-control-allow-origin")).toBe(tenant().origin);
      expect(response.headers.get("access-control-expose-headers")?.toLowerCase()).toContain("etag");
    });
  });
}

/** Signature version 4 of a GET, after the words of its specification. */
function signed({ host, pathname, search }: URL, { accessKeyId, secretAccessKey }: Tenant): Record<string, string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = [time.slice(0, 8), "us-east-1", "s3", "aws4_request"];
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const sign = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const headers = { host, "x-amz-content-sha256": hash(""), "x-amz-date": time };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ["GET", pathname, search.slice(1), lines.join(""), names, hash("")].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), hash(request)].join("\n");
  const key = scope.reduce<string | Buffer>(sign, `AWS4${secretAccessKey}`);
  const signature = sign(key, text).toString("hex");
  const credential = `Credential=${accessKeyId}/${scope.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { authorization, "x-amz-content-sha256": hash(""), "x-amz-date": time };
}
