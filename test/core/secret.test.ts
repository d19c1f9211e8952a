import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";

const VALUE = "sk-canary-7f3a";
const secret = new Secret(VALUE);

describe("a secret (S-1)", () => {
  it.each<readonly [string, string]>([
    ["as text", String(secret)],
    ["in a template", `${secret}`],
    ["in JSON", JSON.stringify({ deep: [{ secret }] })],
    ["inspected", inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ["formatted", format("%s %o %O %j", secret, secret, secret, secret)],
    ["joined", [secret, secret].join()],
    ["spread", JSON.stringify({ ...secret })],
    ["behind a prefix", String(secret.prefixed("Bearer "))],
    ["copied", JSON.stringify(Object.entries(secret))],
  ])("is not shown %s", (_how, shown) => {
    expect(shown).not.toContain(VALUE);
    expect(shown).not.toContain("canary");
  });

  it("shows as [redacted]", () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      "[redacted]",
      '"[redacted]"',
      "[redacted]",
    ]);
  });

  it("is revealed to who asks for it, behind its prefix too", () => {
    expect([secret.reveal(), secret.prefixed("Bearer ").reveal()]).toEqual([VALUE, `Bearer ${VALUE}`]);
  });
});
