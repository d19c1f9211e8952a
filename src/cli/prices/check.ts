import { DATA_VERSION } from "../../ledger/price-book.ts";
import type { Run } from "../command.ts";
import { pricesInUse, withPrices } from "./in-use.ts";
import { printPrices } from "./print-prices.ts";
import { howToPrice } from "./show.ts";

/** `riptide prices check` */
export const run: Run = (call) =>
  withPrices(call, async (desk) => {
    const all = await pricesInUse(call, desk);
    const unpriced = all.filter(({ priced }) => priced.price === null);
    const [first] = unpriced;
    if (call.format !== "text" || first) await printPrices(call, DATA_VERSION, unpriced);
    if (!first) {
      if (call.format === "text")
        await call.io.stdout.write(`every model in use has a price (${all.length})\n`);
      return 0;
    }
    if (!call.given.has("quiet")) await call.io.stderr.write(howToPrice(first));
    return 1;
  });
