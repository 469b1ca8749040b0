import automation from "@pulumi/pulumi/automation/index.js";

const [root = ""] = process.argv.slice(2);
try {
  await automation.PulumiCommand.install({ root });
} catch (error) {
  console.error(error instanceof Error ? error.message.split("\n")[0] : error);
  process.exit(1);
}
