// Runs before every script of the project. Plain JavaScript, and of the kind that Node.js 14 already understands, so
// that an old Node.js gets to the message instead of a syntax error.
const NEEDED = [22, 19];

const [major, minor] = process.versions.node.split(".").map(Number);

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  console.error(
    [
      `This is Node.js ${process.versions.node} (${process.execPath}); the project's scripts need ${NEEDED.join(".")} or newer.`,
      "`npm ci` brings Node.js 24 for them, whatever is installed on the machine: the development dependency `node`",
      "puts it into node_modules by its install script. `--ignore-scripts` (also in an .npmrc) prevents that, and so does",
      "starting a script with `node` instead of `npm run`. Run `npm ci` with install scripts allowed, or install a newer Node.js.",
    ].join("\n"),
  );
  process.exit(1);
}
