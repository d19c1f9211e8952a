import { RiptideError } from "../../core/errors.ts";
import { DATA_VERSION } from "../../ledger/price-book.ts";
import type { PriceRow } from "../../output/prices.ts";
import { sanitise } from "../../output/sanitise.ts";
import type { Target } from "../../routing/target.ts";
import type { Call, Run } from "../command.ts";
import { providerNamed } from "../providers.ts";
import { withPrices } from "./in-use.ts";
import { printPrices } from "./print-prices.ts";

/** `riptide prices show PROVIDER/MODEL` */
export const run: Run = (call) =>
  withPrices(call, async ({ config, priceOf }) => {
    const target = targetOf(call);
    providerNamed(target.provider, config);
    const row = await priceOf(target);
    await printPrices(call, DATA_VERSION, [row]);
    if (row.priced.price === null && !call.given.has("quiet")) await call.io.stderr.write(howToPrice(row));
    return 0;
  });

/** What to write where a price is missing. */
export const howToPrice = ({ provider, model }: PriceRow): string =>
  sanitise(
    `note: to give a price, in dollars per million tokens, write in providers.yaml under ${provider}:\n` +
      `  prices: { ${JSON.stringify(model)}: { input: 2.5, output: 10 } }\n`,
  );

function targetOf({ given }: Call): Target {
  const [, provider, model] = /^([^/]+)\/(.+)$/s.exec(given.words[0] ?? "") ?? [];
  if (provider !== undefined && model !== undefined) return { provider, model };
  throw new RiptideError("usage", "which model? prices show wants PROVIDER/MODEL, such as openai/gpt-4o", {
    hint: "riptide prices list",
  });
}
