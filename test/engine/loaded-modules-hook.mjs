// Notes every module that a process loads, by require or import, in a file of its own.
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

const file = `${process.env["LOADED_MODULES_FOLDER"]}/${process.pid}`;

registerHooks({
  load(url, context, next) {
    appendFileSync(file, `${url}\n`);
    return next(url, context);
  },
});
