import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { circuitHistory } from "../../src/store/circuits.ts";
import { openDatabase } from "../../src/store/open.ts";
import { APPLICATION_ID, MIGRATIONS } from "../../src/store/schema.ts";
import { settleNow } from "../../src/store/settle.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-migration-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A ledger as it was after so many steps, with an attempt of whose columns these differ. */
function ledgerOfStep(step: number, columns: Readonly<Record<string, number>>): string {
  const path = join(folder, "ledger.db");
  const sqlite = new DatabaseSync(path);
  sqlite.exec(`${MIGRATIONS.slice(0, step).join("")}
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${step}; PRAGMA journal_mode = WAL`);
  sqlite.exec(`INSERT INTO operations (seq, id, tenant, requested_model, class, dialect, strategy, config_revision,
      generation, stream, via, started, ended, state, outcome, attempts, reserved_nano)
    VALUES (1, 'rq_old', 'acme', 'm', 'completion', 'cli', 'sequential', 'r', 0, 0, 'in-process', ${NOON}, ${NOON},
      'settled', 'error', 0, 0)`);
  const values = { trial: 0, ended: NOON, ...columns };
  sqlite.exec(`INSERT INTO attempts (operation, n, provider, model, kind, class, outcome, error_code, endpoint, ambiguous,
      started, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_source, cost_nano,
      ${Object.keys(values).join(", ")})
    VALUES (1, 1, 'p', 'm', 'try', 'completion', 'error', 'overloaded', 'e', 0, ${NOON}, 0, 0, 0, 0, 0, 'none', 0,
      ${Object.values(values).join(", ")})`);
  sqlite.close();
  return path;
}

const opened = (path: string) => openDatabase({ path, durability: "normal", clock: virtualClock() });

describe("a ledger of an older schema", () => {
  it.each([
    [1, {}, { effect: "ignored", trial: false }],
    [2, { effect: 2 }, { effect: "failure", trial: false }],
    [2, { effect: 2, trial: 1 }, { effect: "failure", trial: true }],
    [2, { effect: 1, trial: 1 }, { effect: "success", trial: true }],
  ])("of step %i tells of its attempts with %j what was known of them", async (step, columns, counted) => {
    const database = await opened(ledgerOfStep(step, columns));
    const row = { endpoint: "e", class: "completion", rateLimited: false, endedMs: NOON };
    expect(circuitHistory(database, () => NOON).outcomes(NOON)).toEqual([{ ...row, ...counted }]);
    database.close();
  });

  it("has no index left that nobody reads", async () => {
    const path = ledgerOfStep(1, {});
    const sqlite = new DatabaseSync(path);
    sqlite.exec("CREATE INDEX reservations_tenant ON reservations (tenant)");
    sqlite.close();
    const database = await opened(path);
    const indexes = database.prepare("SELECT name FROM sqlite_master WHERE tbl_name = 'reservations'").all();
    expect(indexes).toEqual([{ name: "reservations" }]);
    database.close();
  });

  it("is whole, keeps its holds and is written on", async () => {
    const database = await opened(ledgerOfStep(1, { hold_until: NOON + 60_000 }));
    await database.transact(() => settleNow(database, settlementFor("rq_new", NOON + 1), NOON));
    const history = circuitHistory(database, () => NOON);
    expect(history.outcomes(NOON).map(({ effect }) => effect)).toEqual(["ignored", "success"]);
    expect(history.holds(NOON)).toMatchObject([{ code: "overloaded", untilMs: NOON + 60_000 }]);
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    expect(database.prepare("SELECT count(*) AS lines FROM lines").get()).toEqual({ lines: 2 });
    database.close();
  });
});
