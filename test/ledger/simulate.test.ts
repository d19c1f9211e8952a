import { describe, expect, it } from "vitest";
import { type PastRequest, simulate, type TargetRecord } from "../../src/ledger/simulate.ts";

/** 1,000 tokens in and 100 out at "dear/x", $0.003; no cached ones. */
const PAST: PastRequest = {
  ...{
    tenant: "acme",
    alias: "smart",
    first: "dear/x",
    firstFailed: false,
    home: "dear/x",
    isAnswered: true,
  },
  ...{ costNano: 3_000_000, homeCostNano: 3_000_000, totalMs: 900, homeMs: 900 },
  ...{ inputTokens: 1_000, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 100, reasoningTokens: 0 },
};
/** $0.4 and $1.6 per million tokens: $0.00056 for the request above. */
const CHEAP: TargetRecord = {
  price: { inputNano: 400_000_000, outputNano: 1_600_000_000 },
  totalP50Ms: 500,
  failureRate: 0.25,
};
const UNSEEN: TargetRecord = { price: CHEAP.price, totalP50Ms: undefined, failureRate: undefined };

const play = (requests: readonly PastRequest[], target: string | undefined, record = CHEAP) =>
  simulate(
    requests,
    () => target,
    () => record,
  );

describe("requests played again on paper", () => {
  it("are none of none", () => {
    expect(play([], "cheap/y")).toMatchObject({ requests: 0, actualNano: 0, actualP50Ms: null, targets: [] });
  });

  it("that go where they went keep everything, even with a new price", () => {
    for (const target of ["dear/x", undefined])
      expect(play([PAST], target)).toMatchObject({
        ...{
          moved: 0,
          actualNano: 3_000_000,
          simulatedNano: 3_000_000,
          actualP50Ms: 900,
          simulatedP50Ms: 900,
        },
        ...{ failuresAvoided: 0, failuresAdded: 0 },
      });
  });

  it("that go elsewhere cost their tokens there, take its median and fail at its rate", () => {
    expect(play([PAST, PAST], "cheap/y")).toMatchObject({
      ...{ requests: 2, moved: 2, actualNano: 6_000_000, simulatedNano: 2 * 560_000 },
      ...{ actualP50Ms: 900, simulatedP50Ms: 500, failuresAvoided: 0, failuresAdded: 0.5 },
      targets: [
        { target: "cheap/y", actual: 0, simulated: 2 },
        { target: "dear/x", actual: 2, simulated: 0 },
      ],
    });
  });

  it("whose first try failed avoid that as often as the other target answers", () => {
    const failed = { ...PAST, firstFailed: true, home: "third/z" };
    expect(play([failed], "cheap/y")).toMatchObject({ failuresAvoided: 0.75, failuresAdded: 0 });
  });

  it("that would go at once where they were answered in the end cost and take only that", () => {
    const past = { ...PAST, firstFailed: true, home: "cheap/y", homeCostNano: 700_000, homeMs: 200 };
    expect(play([past], "cheap/y")).toMatchObject({
      ...{ actualNano: 3_000_000, simulatedNano: 700_000, actualP50Ms: 900, simulatedP50Ms: 200 },
      ...{ failuresAvoided: 1, failuresAdded: 0 },
    });
  });

  it("keep what they cost, and are counted, where the new price or the tokens are not known", () => {
    expect(play([PAST], "cheap/y", { ...CHEAP, price: null })).toMatchObject({
      ...{ simulatedNano: 3_000_000, unpriced: 1, unanswered: 0 },
    });
    expect(play([{ ...PAST, isAnswered: false }], "cheap/y")).toMatchObject({
      ...{ simulatedNano: 3_000_000, unpriced: 0, unanswered: 1, actualP50Ms: null },
    });
  });

  it("say nothing of time and failures of a target hardly seen", () => {
    expect(play([PAST, PAST, PAST], "cheap/y", UNSEEN)).toMatchObject({
      ...{ unobserved: 3, failuresAdded: 0, simulatedP50Ms: null, simulatedNano: 3 * 560_000 },
    });
  });

  it("take turns, as a round would", () => {
    const found = simulate(
      [PAST, PAST, PAST],
      (_request, turn) => ["dear/x", "cheap/y"][turn % 2],
      () => CHEAP,
    );
    expect(found.targets).toEqual([
      { target: "dear/x", actual: 3, simulated: 2 },
      { target: "cheap/y", actual: 0, simulated: 1 },
    ]);
  });
});
