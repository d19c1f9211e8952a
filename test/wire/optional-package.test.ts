import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const MODULE = resolve(import.meta.dirname, "../../src/wire/optional-package.ts");

/** What Node itself, without the test runner's own way to resolve imports, makes of a package. */
const load = (name: string): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { loadOptionalPackage } from ${JSON.stringify(MODULE)};
      const loading = loadOptionalPackage({ name: ${JSON.stringify(name)}, neededBy: "x", missing: "config_invalid" });
      const outcome = loading.then(Object.keys, ({ code, message, facts }) => ({ code, message, hint: facts.hint }));
      console.log(JSON.stringify(await outcome));`,
    ]).toString(),
  );

it("loads a package that is installed", () => {
  expect(load("@aws-sdk/credential-provider-node")).toContain("defaultProvider");
});

it("names a package that is not installed, and how to install it", () => {
  expect(load("riptide-no-such-package")).toEqual({
    code: "config_invalid",
    message: "x needs the package riptide-no-such-package, which is not installed",
    hint: "npm install riptide-no-such-package",
  });
});
