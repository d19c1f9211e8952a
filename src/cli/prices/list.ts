import { DATA_VERSION } from "../../ledger/price-book.ts";
import { sanitise } from "../../output/sanitise.ts";
import type { Run } from "../command.ts";
import { pricesInUse, withPrices } from "./in-use.ts";
import { printPrices } from "./print-prices.ts";

/** `riptide prices list` */
export const run: Run = (call) =>
  withPrices(call, async (desk) => {
    const wanted = call.given.value("model")?.toLowerCase() ?? "";
    const all = await pricesInUse(call, desk);
    const rows = all.filter(({ provider, model }) => `${provider}/${model}`.toLowerCase().includes(wanted));
    await printPrices(call, DATA_VERSION, rows);
    if (rows.length === 0 && !call.given.has("quiet")) {
      const which = wanted === "" ? "is in use" : `in use has "${wanted}" in its name`;
      const note = `note: no model ${which}; any other: riptide prices show PROVIDER/MODEL\n`;
      await call.io.stderr.write(sanitise(note));
    }
    return 0;
  });
