/**
 * The value of every resource's `__provider` property: it makes the resource a dynamic one for the engine and loads the
 * *installed* package by name. The state of every stack holds these bytes, twice a resource, and runs them on refresh
 * and delete, so they are frozen. Without the package Node would print seventeen lines a resource; the text says what
 * to install instead.
 */
export function providerText(kind: string): string {
  return (
    `exports.handler=()=>{const p="pulumi-cloudstack-storage";try{return require(p+"/dynamic").provider("${kind}",1)}` +
    `catch(e){if(e.code!="MODULE_NOT_FOUND"||!e.message.includes(p+"/dynamic'"))throw e;` +
    `e=Error(p+" is not installed in this folder: run npm ci, or npm install "+p);e.stack="";throw e}}`
  );
}

/** The type token of a kind: frozen, like the kind's name. */
export function typeOf(kind: string): string {
  return `pulumi-nodejs:dynamic/cloudstack-storage:${kind}`;
}
