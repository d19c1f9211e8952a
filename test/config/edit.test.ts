import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Edit, editYaml, treeOf } from "../../src/config/edit.ts";
import {
  budgetEdits,
  budgetRemovals,
  type Scope,
  tenantEdits,
  tenantRemoval,
} from "../../src/config/edit-plans.ts";
import { reference } from "../../src/config/expand.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { AWKWARD, commentsOf, FILES } from "./edit-files.ts";

type Plan = (tree: JsonObject) => readonly Edit[];
const NO_VALUES = { "": {}, limits: {}, models: {}, providers: {} };
const acme = { tenant: "acme" };

const setBudget =
  (scope: Scope, period: string, limit: number, more = {}): Plan =>
  (tree) =>
    budgetEdits(tree, { scope, maxCost: undefined, budget: { period, values: { limit, ...more } } });

const edited = (text: string, plan: Plan) => editYaml(text, plan(treeOf(text, "p.yaml")), "p.yaml");

type Step =
  | { readonly kind: "set"; readonly scope: Scope; readonly period: string; readonly limit: number }
  | { readonly kind: "rm"; readonly scope: Scope; readonly period: string | undefined }
  | { readonly kind: "limits"; readonly n: number | null };

/** The text after a step; undefined where there was nothing to remove. */
function attempt(text: string, step: Step): string | undefined {
  try {
    return edited(text, (tree) => {
      if (step.kind === "set") return setBudget(step.scope, step.period, step.limit)(tree);
      if (step.kind === "rm") return budgetRemovals(tree, step.scope, step.period);
      return tenantEdits(tree, "acme", { ...NO_VALUES, limits: { requests_per_minute: step.n } });
    });
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: "not_found" });
    return undefined;
  }
}

/** The part of a text that another lacks, and the place where the rest is the same byte for byte. */
function difference(before: string, after: string) {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { gone: before.slice(head, before.length - tail), come: after.slice(head, after.length - tail) };
}

describe("editYaml", () => {
  it.each(FILES)("adds a budget and keeps every byte beside it: %s", (_name, text) => {
    const next = edited(text, setBudget(acme, "week", 9, { on_exceeded: "reject" }));
    const { gone, come } = difference(text, next);
    expect(gone.replace(/[{}[\]\s]/g, "").replace(/#.*/, "")).toBe("");
    expect(come).toContain("limit: 9, period: week, on_exceeded: reject");
    expect(commentsOf(next)).toEqual(commentsOf(text));
    expect(next.includes("\r\n") || !text.includes("\r\n")).toBe(true);
    expect(/(?<!\r)\n/.test(next)).toBe(
      /(?<!\r)\n/.test(text) || (!text.includes("\n") && next.includes("\n")),
    );
    expect(/\n$/.test(next)).toBe(/\n$/.test(text));
  });

  it.each(FILES)("changes nothing where all is so already: %s", (_name, text) => {
    const once = edited(text, setBudget(acme, "month", 77));
    expect(edited(once, setBudget(acme, "month", 77))).toBe(once);
  });

  it("changes one figure and nothing else, in a line, in brackets and in a block", () => {
    const text = AWKWARD.plain ?? "";
    expect(edited(text, setBudget(acme, "month", 60))).toBe(text.replace("{ limit: 50,", "{ limit: 60,"));
    expect(edited(text, setBudget(acme, "day", 6))).toBe(text.replace("limit: 5  ", "limit: 6  "));
    expect(edited(text, setBudget("global", "month", 3))).toBe(text.replace("2000", "3"));
    const block = AWKWARD["block texts"] ?? "";
    expect(edited(block, setBudget(acme, "month", 60))).toBe(block.replace(/>-\n\s+50/, "60"));
  });

  it("takes whole lines out with the comments indented below them, and no others", () => {
    const text = AWKWARD.plain ?? "";
    expect(edited(text, (tree) => budgetRemovals(tree, acme, "day"))).toBe(
      text.replace("        - limit: 5       # a day\n          period: day\n", ""),
    );
    const without = edited(text, (tree) => tenantRemoval(tree, "acme"));
    expect(without).toBe(text.replace(/ {4}acme:[\s\S]*suspended: true\n/, ""));
  });

  it("leaves an empty map where the last tenant was, and writes lines again when one comes", () => {
    const text = AWKWARD["empty values"] ?? "";
    const gone = edited(text, (tree) => tenantRemoval(tree, "acme"));
    expect(gone).toBe(text.replace("list:   # here\n    acme: {}   # soon\n", "list: {}   # here\n"));
    const back = edited(gone, (tree) => tenantEdits(tree, "acme", { ...NO_VALUES, "": { priority: 1 } }));
    expect(back).toContain("  list:   # here\n    acme:\n      priority: 1\n");
  });

  it("keeps the comment behind each item that stays in a list of lines", () => {
    const text = AWKWARD["list of lines"] ?? "";
    const allow = ["openai/*", "claude"];
    const next = edited(text, (tree) => tenantEdits(tree, "acme", { ...NO_VALUES, models: { allow } }));
    expect(next).toBe(text.replace(/- default.*\n\s+- "openai.*/, '- "openai/*"   # dear\n        - claude'));
  });

  it("removes a block with its last key, and the budget that is there twice", () => {
    const text =
      "version: 1\ntenants:\n  list:\n    acme:\n      models: { allow: [a] }\n      priority: 1\n";
    const taken = { ...NO_VALUES, models: { allow: null } };
    expect(edited(text, (tree) => tenantEdits(tree, "acme", taken))).toBe(
      text.replace("      models: { allow: [a] }\n", ""),
    );
    const twice = "budgets:\n- { limit: 1, period: day } # a\n- { limit: 2, period: day }\n";
    expect(edited(twice, setBudget("global", "day", 3))).toBe("budgets:\n- { limit: 3, period: day } # a\n");
  });

  it.each([
    ["tenants: *t", "x: &t { list: {} }\ntenants: *t\n", "tenants is the alias *t"],
    ["an anchor used below", "tenants: &t\n  list: {}\nx: *t\n", "tenants has the anchor &t"],
    ["budgets of an alias", "b: &b []\ntenants: { list: { acme: { budgets: *b } } }\n", "is the alias *b"],
    ["a limit with an anchor", "budgets: [{limit: &l 5, period: day}]\nx: *l\n", "no safe place", "global"],
  ] as const)(
    "refuses what it cannot change alone and says what to write: %s",
    (_name, text, why, scope?) => {
      expect(() => edited(text, setBudget(scope ?? acme, "day", 9))).toThrow(
        expect.objectContaining({
          code: "write_failed",
          message: expect.stringContaining(why),
          facts: expect.objectContaining({ hint: expect.stringContaining("by hand") }),
        }),
      );
    },
  );

  it("keeps variables, quotes and numbers of the file as they are written", () => {
    const text = `key: ${reference("ACME:-x")}\nn: 1.50\nq: 'it''s'\nmax_cost_per_request: "0.10"\n`;
    const plan: Plan = (tree) => budgetEdits(tree, { scope: "global", maxCost: 0.25 });
    expect(edited(text, plan)).toBe(text.replace('"0.10"', "0.25"));
  });

  it("holds for any order of changes: what was asked is so, and comments outside live", () => {
    const scope = fc.constantFrom<Scope>(acme, { tenant: "globex" }, { tenant: "new.one" }, "global");
    const period = fc.constantFrom("day", "month", "30d");
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ kind: fc.constant("set" as const), scope, period, limit: fc.integer({ min: 1, max: 99 }) }),
      fc.record({ kind: fc.constant("rm" as const), scope, period: fc.option(period, { nil: undefined }) }),
      fc.record({ kind: fc.constant("limits" as const), n: fc.option(fc.integer({ min: 1, max: 9 })) }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...FILES), fc.array(step, { maxLength: 8 }), ([, text], steps) => {
        const kept = commentsOf(text).filter((comment) => /head|tail|house|to come|below acme/.test(comment));
        steps.reduce((current, asked) => {
          const next = attempt(current, asked) ?? current;
          const tree = JSON.stringify(treeOf(next, "p.yaml"));
          expect(tree).toContain(asked.kind === "set" ? `"limit":${asked.limit},"period"` : "");
          expect(kept.filter((comment) => !next.includes(comment))).toEqual([]);
          return next;
        }, text);
      }),
      { numRuns: 300 },
    );
  });
});
