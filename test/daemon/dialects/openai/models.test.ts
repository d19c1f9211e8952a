import { describe, expect, it } from "vitest";
import { modelList, modelNamed } from "../../../../src/daemon/dialects/openai/models.ts";
import type { RoutingTable } from "../../../../src/routing/target.ts";

const table: RoutingTable = {
  strategy: "sequential",
  aliases: new Map([
    ["fast", { targets: [{ provider: "b", model: "small" }], strategy: "sequential" }],
    [
      "default",
      {
        targets: [
          { provider: "a", model: "big" },
          { provider: "b", model: "small" },
        ],
        strategy: "sequential",
      },
    ],
  ]),
  providers: [
    { id: "a", priority: 1, models: ["big", "org/other"] },
    { id: "b", priority: 2, models: [] },
  ],
};
const model = (id: string, owner: string) => ({
  id,
  object: "model",
  created: 1_795_000_000,
  owned_by: owner,
});

describe("the list of models", () => {
  it("has aliases first, then each target once", () => {
    expect(modelList(table, 1_795_000_000_900)).toEqual({
      object: "list",
      data: [
        ...[model("fast", "riptide"), model("default", "riptide")],
        ...[model("b/small", "b"), model("a/big", "a"), model("a/org/other", "a")],
      ],
    });
  });

  it("knows each by its name, and a vendor's model by its own", () => {
    for (const id of ["default", "a/org/other"]) expect(modelNamed(id, table, 0)).toMatchObject({ id });
    expect(modelNamed("org/other", table, 0)).toMatchObject({ id: "org/other", owned_by: "a" });
  });

  it("knows no other", () => {
    expect(() => modelNamed("constructor", table, 0)).toThrow(expect.objectContaining({ code: "not_found" }));
  });
});
