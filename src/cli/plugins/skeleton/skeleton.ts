import { ADAPTER } from "./adapter.ts";
import { CONTRACT } from "./contract.ts";
import { INDEX, manifest, README, TEST } from "./package.ts";

/** The files of a new plugin by name. */
export function skeleton(type: string, packageName: string): Readonly<Record<string, string>> {
  const variable = type.toUpperCase().replaceAll("-", "_");
  const named = (text: string) =>
    text.replaceAll("acme-package", packageName).replaceAll("acme", type).replaceAll("ACME", variable);
  return {
    "package.json": manifest(packageName),
    "index.js": named(INDEX),
    "adapter.js": named(ADAPTER),
    "contract.js": named(CONTRACT),
    "contract.test.js": named(TEST),
    "README.md": named(README),
  };
}
