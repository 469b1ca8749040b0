// The borders between the parts of the package. Rules on provider/ and lab/ see type imports too and say so where they
// let them pass; rules on dist/ see what is really loaded, and nothing else.

const SYSTEMS = "cloudian|ecs|s3|cloudstack";
const TYPES = ["type-only", "type-import"];
const PULUMI = "node_modules/@pulumi/pulumi/";

const rule = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

const forbidden = [
  rule("no-cycle", "Files that need each other are one file.", { path: "^(provider|lab)/" }, { circular: true }),
  rule("resolvable", "An import has to lead somewhere.", { path: "^(provider|lab)/" }, { couldNotResolve: true }),

  rule(
    "lab-knows-no-provider",
    "The lab is written from the vendors' documents; a misunderstanding shared with our client would pass every test.",
    { path: "^lab/" },
    { path: "^provider/" },
  ),
  rule(
    "provider-knows-no-lab",
    "Only the lab command may load the lab.",
    { path: "^provider/", pathNot: "^provider/cli/lab\\.ts$" },
    { path: "^lab/" },
  ),
  rule(
    "lab-is-loaded-lazily",
    "Other commands must not pay for the lab.",
    { path: "^provider/cli/lab\\.ts$" },
    { path: "^lab/", dynamic: false, dependencyTypesNot: TYPES },
  ),

  rule(
    "core-is-the-bottom",
    "core serves all, and knows none.",
    { path: "^provider/core/" },
    { path: "^provider/(?!core/)" },
  ),
  rule(
    "systems-apart",
    "Systems do not use each other.",
    { path: "^provider/(cloudian|s3)/" },
    { path: `^provider/(${SYSTEMS})/`, pathNot: "^provider/$1/" },
  ),
  rule(
    "cloudstack-asks-two",
    "CloudStack checks neither the bucket of a store nor the release behind its connector, so that we look; nothing more.",
    { path: "^provider/cloudstack/" },
    {
      path: `^provider/(${SYSTEMS})/`,
      pathNot: "^provider/(cloudstack/|s3/(client|new-keys)\\.ts|cloudian/version\\.ts)",
    },
  ),
  rule(
    "ecs-uses-s3-only",
    "ECS buckets are S3 buckets, too.",
    { path: "^provider/ecs/" },
    { path: "^provider/(cloudian|cloudstack)/" },
  ),
  rule(
    "systems-below-components",
    "index, components, system, core: one direction.",
    { path: `^provider/(${SYSTEMS})/` },
    { path: "^provider/(components|cli)/|^provider/(index|dynamic|handlers|provider)\\.ts$" },
  ),
  rule(
    "components-below-index",
    "index, components, system, core: one direction.",
    { path: "^provider/components/" },
    { path: "^provider/cli/|^provider/(index|dynamic|handlers|provider)\\.ts$" },
  ),
  rule(
    "dynamic-loads-handlers",
    "The provider process needs handlers and core only.",
    { path: "^provider/(dynamic|handlers)\\.ts$" },
    { path: "^provider/", pathNot: "\\.handler\\.ts$|^provider/(core/|handlers\\.ts$)", dependencyTypesNot: TYPES },
  ),
  rule(
    "handlers-in-one-list",
    "The provider process and the commands find a handler by its kind.",
    { path: "^provider/", pathNot: "^provider/(handlers|dynamic|cli/.+)\\.ts$" },
    { path: "\\.handler\\.ts$|^provider/handlers\\.ts$", dependencyTypesNot: TYPES },
  ),
  rule(
    "handler-takes-types-from-its-class",
    "A handler loads no Pulumi class.",
    { path: "^provider/([^/]+)/([^/.]+)\\.handler\\.ts$" },
    { path: "^provider/$1/$2\\.ts$", dependencyTypesNot: TYPES },
  ),

  rule(
    "no-pulumi-in-handlers",
    "Handlers and clients serve a second face, too; only the files named here speak Pulumi.",
    {
      path: "\\.handler\\.ts$|/(client|session|signature|policy)\\.ts$|^provider/core/(?!(resource|log)\\.ts$)",
    },
    { path: PULUMI, dependencyTypesNot: TYPES },
  ),
  rule(
    "connections-in-core-only",
    "core/http.ts is the only door.",
    { path: "^provider/", pathNot: "^provider/core/" },
    { path: "node_modules/undici/|^(node:)?(https?|http2|net|tls)$", dependencyTypesNot: TYPES },
  ),
  rule(
    "no-development-dependency",
    "Users do not have it.",
    { path: "^(provider|lab)/" },
    { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm-peer", ...TYPES] },
  ),

  rule("no-barrel", "index.ts is the only one.", {}, { path: "^provider/.+/index\\.ts$" }),
  rule(
    "no-re-export",
    "A name is imported from where it is made.",
    { path: "^(provider|lab)/", pathNot: "^(provider|lab)/index\\.ts$" },
    { path: "^(provider|lab)/", dependencyTypes: ["export"] },
  ),

  rule(
    "programs-stay-light",
    "A user's program loads neither an HTTP client nor a validator nor the provider's side.",
    { path: "^dist/provider/(index|provider|core/resource)\\.js$" },
    { path: "node_modules/(undici|zod|@aws-sdk|@smithy)/|\\.handler\\.js$", reachable: true },
  ),
];

// biome-ignore lint/style/noDefaultExport: dependency-cruiser reads the default export
export default {
  forbidden,
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    // A look-up loads it when a program calls it; in the sources every rule sees it.
    exclude: { path: "^dist/provider/cloudstack/directory\\.js$" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "node", "default"] },
  },
};
