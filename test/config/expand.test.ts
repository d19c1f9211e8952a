import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expandText, isBroken, neededVariables } from "../../src/config/expand.ts";
import { errorOf, workspace } from "./workspace.ts";

const lookup = (name: string) => ({ A: "a", PRICE: "$5" })[name];

describe("a text with variables", () => {
  it.each([
    [`\${A}b\${A}`, "aba"],
    [`\${B:-x}`, "x"],
    [`\${B:-}`, ""],
    [`\${B:-$5}`, "$5"],
    [`\${B:-a:b-c}`, "a:b-c"],
    ["$${A}", `\${A}`],
    ["$$ $A {A}", "$$ $A {A}"],
    [`\${PRICE}`, "$5"],
  ])("%s becomes %s", (text, expanded) => {
    expect(isBroken(text)).toBe(false);
    expect(expandText(text, lookup)).toEqual({ text: expanded });
  });

  it.each([`\${}`, `\${A`, `\${1A}`, `\${A-B}`, `\${A:x}`, `\${ A }`, `\${A:-\${B}}`, `\${A:-x`, "$$${A"])(
    "%s is broken unless it is written as text",
    (text) => expect(isBroken(text)).toBe(!text.startsWith("$$")),
  );

  it.each([`\${A:-`, `\${A`, `$\${`, `\${A:-$`, `\${A:-{`])("of a megabyte of %s takes no time", (piece) => {
    const text = piece.repeat(2 ** 20 / piece.length);
    const before = process.cpuUsage();
    isBroken(text);
    expandText(text, lookup);
    neededVariables(text);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});

describe("a mistyped variable", () => {
  let place: ReturnType<typeof workspace>;
  beforeEach(() => {
    place = workspace();
  });
  afterEach(() => place.remove());

  it("is refused where it stands, also in a secret, and not quoted", async () => {
    const text = `providers:\n  o: { type: openai, api_key: "\${OPENAI-KEY}" }\n`;
    const error = await errorOf(place.loadText(text, { OPENAI: "k" }));
    expect(error.message).toBe('providers.yaml:2:31: "${" begins no variable here');
    expect(error.facts.reasons?.[0]).toBe(
      `write \${NAME} or \${NAME:-fallback}; a plain "\${" is written "$\${"`,
    );
  });
});
