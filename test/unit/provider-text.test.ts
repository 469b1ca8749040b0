import { expect, test } from "vitest";
import { providerText, typeOf } from "../../provider/core/provider-text.ts";

// Frozen: the state of every stack holds these bytes.
test("the text that loads the provider, and the type of a kind", () => {
  expect(providerText("EcsBucket")).toBe(
    `exports.handler=()=>{const p="pulumi-cloudstack-storage";try{return require(p+"/dynamic").provider("EcsBucket",1)}catch(e){if(e.code!="MODULE_NOT_FOUND"||!e.message.includes(p+"/dynamic'"))throw e;e=Error(p+" is not installed in this folder: run npm ci, or npm install "+p);e.stack="";throw e}}`,
  );
  expect(typeOf("EcsBucket")).toBe("pulumi-nodejs:dynamic/cloudstack-storage:EcsBucket");
});
