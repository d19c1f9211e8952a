import { describe, expect, it } from "vitest";
import { frame } from "../../src/tui/frame.ts";
import { plainText } from "../../src/tui/line.ts";
import type { View } from "../../src/tui/state.ts";
import { AT, circuit, sample } from "./sample.ts";
import { FRESH, stateOf } from "./shown.ts";

describe("what happened", () => {
  it("tells of an open circuit where no daemon keeps events", () => {
    const data = sample({ source: "ledger", health: null });
    const lines = frame(data, stateOf("overview"), { columns: 100, rows: 40, ascii: false }, FRESH);
    expect(lines.map(plainText).join("\n")).toContain(
      "09:34:30  circuit   broken completion: opened, provider_error",
    );
    expect(plainText(lines[0] ?? [])).toContain("no daemon 09:35:00");
    const half = { state: "half_open", opened_at: "2026-11-23T09:30:00Z" } as const;
    const later = { ...data, failovers: [], circuits: [circuit(half)] };
    const shown = frame(later, stateOf("overview"), { columns: 100, rows: 40, ascii: false }, FRESH);
    expect(shown.map(plainText).join("\n")).toContain(
      "09:30:00  circuit   main completion: opened, half_open now",
    );
  });

  it("tells once of failovers that are alike, where the circuits view tells of each", () => {
    const moved = {
      request: "rq_1",
      tenant: "search",
      outcome: "ok",
      to: "second/fast",
      code: "rate_limited",
    };
    const failovers = [
      { ...moved, at: "2026-11-23T09:34:49Z", from: "main/fast" },
      { ...moved, at: "2026-11-23T09:34:40Z", from: "broken/fast" },
      { ...moved, at: "2026-11-23T09:34:30Z", from: "main/fast" },
    ];
    const shown = (view: View) =>
      frame(sample({ failovers, events: [] }), stateOf(view), { columns: 120, rows: 50, ascii: false }, FRESH)
        .map((line) => plainText(line).trim())
        .filter((line) => line.includes("failover "));
    expect(shown("overview")).toEqual([
      "09:34:49  failover  main/fast → second/fast: rate_limited, 2 since 09:34:30",
      "09:34:40  failover  broken/fast → second/fast: rate_limited  rq_1",
    ]);
    expect(shown("circuits")).toHaveLength(3);
  });

  it("tells how a circuit changed, and why", () => {
    const change = {
      type: "circuit",
      provider: "broken",
      operation: "completion",
      from: "closed",
      to: "open",
    };
    const event = { ...change, seq: 1, at: AT, reason: "failures", requests: 12, failures: 10 };
    const shown = (columns: number) => {
      const look = { columns, rows: 40, ascii: false };
      const lines = frame(sample({ events: [event] }), stateOf("circuits"), look, FRESH).map(plainText);
      return lines.find((line) => line.includes("  circuit "))?.trim();
    };
    const said = "09:35:00  circuit   broken completion  closed → open: failures";
    expect([shown(80), shown(120)]).toEqual([said, `${said}, 10 of 12 failed`]);
  });

  it("tells of a configuration that is not in use, and what became of reloads", () => {
    const at = "2026-11-23T09:34:50Z";
    const message = 'providers.yaml:21:1: unknown key "wrong"';
    const events = [
      {
        seq: 2,
        at,
        type: "reload",
        result: "refused",
        triggers: ["file"],
        took_ms: 61,
        message,
        problems: [],
      },
      { seq: 1, at, type: "reload", result: "reloaded", triggers: ["file"], took_ms: 21, revision: "74363c" },
    ];
    const config = { revision: "74363c", last_error: { at, message } };
    const look = { columns: 100, rows: 40, ascii: false };
    const data = sample({ events, config, failovers: [] });
    const lines = frame(data, stateOf("overview"), look, FRESH).map((line) => plainText(line).trim());
    const from = lines.findIndex((line) => line.includes(" Alerts "));
    expect(lines.slice(from + 1, from + 6)).toEqual([
      `09:34:50  config    ${message}; revision 74363c goes on`,
      "09:20:00  budget    search, day: 80% reached",
      expect.stringContaining("Happened"),
      `09:34:50  reload    refused: ${message}`,
      "09:34:50  reload    reloaded, revision 74363c",
    ]);
  });

  it("tells once of a tenant that is refused again and again", () => {
    const refused = { type: "tenant", tenant: "search", code: "budget_exceeded" } as const;
    const events = [
      { ...refused, seq: 4, at: "2026-11-23T09:34:59Z", refused: 13 },
      { ...refused, seq: 3, at: "2026-11-23T09:34:49Z", refused: 9 },
      { seq: 2, at: "2026-11-23T09:34:39Z", type: "health", provider: "main", from: "healthy", to: "down" },
      { ...refused, seq: 1, at: "2026-11-23T09:34:29Z", refused: 1 },
    ];
    const look = { columns: 100, rows: 40, ascii: false };
    const lines = frame(sample({ events, failovers: [] }), stateOf("circuits"), look, FRESH).map(plainText);
    const at = lines.findIndex((line) => line.includes(" Happened "));
    expect(lines.slice(at + 1, at + 4).map((line) => line.trim())).toEqual([
      "09:34:59  refused   search: budget_exceeded, 23 requests since 09:34:29",
      "09:34:39  health    main  healthy → down",
      "",
    ]);
  });
});
