/** package.json of a new plugin. */
export const manifest = (name: string): string =>
  `${JSON.stringify(
    {
      name,
      version: "0.1.0",
      type: "module",
      exports: "./index.js",
      files: ["index.js", "adapter.js", "contract.js"],
      keywords: ["riptide", "riptide-provider"],
      scripts: { test: "node --test" },
      peerDependencies: { riptide: "*" },
      peerDependenciesMeta: { riptide: { optional: true } },
    },
    null,
    2,
  )}\n`;

export const INDEX = `import { addressField, definePlugin, fields, secretField } from "riptide";

/** What riptide loads: the provider types this package adds. */
export const plugin = definePlugin({
  apiVersion: 1,
  types: {
    "acme": {
      operations: ["complete", "stream", "list models"],
      authentication: "bearer key",
      // The keys of an entry in providers.yaml; in create they are camelCase, and a secret is a Secret.
      options: async () => fields({ api_key: secretField(), base_url: addressField().optional() }),
      async create({ apiKey, baseUrl = "https://api.acme.example" }) {
        const { createAdapter } = await import("./adapter.js");
        const address = baseUrl.replace(/\\/+$/, "");
        return { adapter: createAdapter(address, apiKey), baseUrl: address };
      },
    },
  },
});
`;

export const TEST = `import { test } from "node:test";
import { adapterCases } from "riptide/testing";
import { contracts } from "./contract.js";

for (const contract of contracts) {
  for (const { name, skip, run } of adapterCases(contract)) {
    test(contract.name + " " + name, { skip: skip ?? false }, run);
  }
}
`;

export const README = `# acme-package

The provider type \`acme\` for riptide. In providers.yaml:

    plugins:
      - { module: acme-package }
    providers:
      mine: { type: acme, api_key: "\${ACME_API_KEY}" }

Install the package beside providers.yaml, or name its absolute path.

    riptide plugins verify .     # the contract suite, without network
    riptide complete "hello" -m mine/some-model
`;
