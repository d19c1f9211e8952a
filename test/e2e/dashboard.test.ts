import { readFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { runInTerminal } from "../helpers/run-cli.ts";
import { useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();
const YAML = `version: 1
providers:
  first: { type: mock, always_fail: true, prices: { m: { input: 2, output: 40 } } }
  second: { type: mock, prices: { m: { input: 1, output: 20 } } }
models:
  default: { targets: [first/m, second/m] }
budgets:
  - { limit: 1, period: day }
`;
const environment = ({ folder }: Workplace) => ({ RIPTIDE_CONFIG: `${folder}/providers.yaml` });
const ENTER_SCREEN = "\u001b[?1049h";
const LEAVE_SCREEN = "\u001b[?1049l";

/** A folder in which a request has failed over. */
async function afterTraffic() {
  const place = await stage.workplace(YAML);
  expect((await place.run(["complete", "hello"])).code).toBe(0);
  return place;
}

describe("riptide dashboard", () => {
  it("prints one frame in a pipe, without an escape, with the figures of the reports", async () => {
    const place = await afterTraffic();
    const { code, stdout } = await place.run(["dashboard"]);
    expect([code, stripVTControlCharacters(stdout)]).toEqual([0, stdout]);
    const costs = JSON.parse((await place.run(["costs", "--json", "--by", "model"])).stdout);
    const shown = JSON.parse((await place.run(["dashboard", "costs", "--json"])).stdout);
    expect(shown).toMatchObject({ schema: "riptide.dashboard/1", view: "costs", data: { source: "ledger" } });
    expect(shown.data.costs).toEqual({ ...costs, range: shown.data.costs.range });
    const circuits = JSON.parse((await place.run(["circuits", "--json"])).stdout);
    const board = JSON.parse((await place.run(["dashboard", "circuits", "-o", "json"])).stdout);
    expect(board.data.circuits).toEqual(circuits.circuits);
    expect(stdout).toContain("first/m → second/m");
    expect(stdout).toContain("1 request, 0 failed");
  });

  it("follows on a terminal, keeps choices, and leaves the terminal as it was", async () => {
    const place = await afterTraffic();
    const { code, output } = await runInTerminal(["dashboard", "--refresh", "100ms"], {
      ...{ home: place.folder, cwd: place.folder, columns: 100, rows: 30, env: environment(place) },
      async act({ type, waitFor, resize }) {
        await waitFor("→ second/m");
        type("6");
        await waitFor("Requests by newest");
        type("\r");
        await waitFor("what happened:");
        type("\u007f");
        resize(40, 10);
        await waitFor("40x10 is too small");
        resize(90, 20);
        type("w");
        await waitFor("kept in ");
        type("q");
      },
    });
    expect([code, output.lastIndexOf(LEAVE_SCREEN) > output.lastIndexOf(ENTER_SCREEN)]).toEqual([0, true]);
    const kept = JSON.parse(await readFile(`${place.folder}/.config/riptide/preferences.json`, "utf8"));
    expect(kept.dashboard).toMatchObject({ view: "requests", refresh_ms: 100 });
  });

  it("ends with 130 on Ctrl-C, on a terminal that is as it was", async () => {
    const place = await stage.workplace(YAML);
    const { code, output } = await runInTerminal(["dashboard"], {
      ...{ home: place.folder, cwd: place.folder, columns: 100, rows: 30, env: environment(place) },
      async act({ type, waitFor }) {
        await waitFor("no requests in the last hour");
        type("\u0003");
      },
    });
    expect([code, output.lastIndexOf(LEAVE_SCREEN) > output.lastIndexOf(ENTER_SCREEN)]).toEqual([130, true]);
  });

  it("prints once on a terminal that cannot be drawn on", async () => {
    const place = await stage.workplace(YAML);
    const env = { ...environment(place), TERM: "dumb" };
    const { code, output } = await runInTerminal(["dashboard"], {
      home: place.folder,
      cwd: place.folder,
      env,
    });
    expect([code, output.includes("\u001b")]).toEqual([0, false]);
    expect(output).toContain("- Providers ---");
  });

  it.each([
    [["dashboard", "weather"], 'there is no view "weather"'],
    [["dashboard", "--refresh", "10ms"], "--refresh takes 100ms to 1h"],
  ])("refuses %j", async (args, text) => {
    const place = await stage.workplace(YAML);
    const { code, stderr } = await place.run(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
  });
});
