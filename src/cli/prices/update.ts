import { RiptideError } from "../../core/errors.ts";
import { type Catalogue, readCatalogue } from "../../ledger/catalogue.ts";
import { importKey, versionOf } from "../../ledger/price-book.ts";
import { recordText } from "../../ledger/price-record.ts";
import { replaceImported } from "../../store/prices.ts";
import type { Run } from "../command.ts";
import { readTextFile } from "../input/text-file.ts";
import { openLedger } from "../open-ledger.ts";
import { readConfig } from "../session.ts";
import { deskOf, pricesInUse } from "./in-use.ts";
import { printPrices } from "./print-prices.ts";

/** Many times the size of the largest catalogue there is. */
const MAX_CATALOGUE_BYTES = 64 * 1_048_576;

/** `riptide prices update --from FILE` */
export const run: Run = async (call) => {
  const { given, io } = call;
  const file = given.value("from");
  if (file === undefined) {
    throw new RiptideError("usage", "prices update wants --from FILE, a price catalogue in LiteLLM's format");
  }
  const text = await readTextFile(file, MAX_CATALOGUE_BYTES);
  const catalogue = readCatalogue(text, file);
  const version = versionOf("import", text);
  const loaded = await readConfig(call);
  const database = await openLedger(loaded.config, io);
  try {
    await replaceImported(database, recordsOf(catalogue, version));
    if (call.format === "json") {
      await printPrices(call, version, await pricesInUse(call, deskOf(call, loaded, database)));
    } else {
      await io.stdout.write(doneText(catalogue, version));
    }
  } finally {
    database.close();
  }
  return 0;
};

const recordsOf = ({ entries }: Catalogue, version: string) =>
  entries.map(
    ({ providerType, model, price }) =>
      [importKey(providerType, model), recordText({ version, prices: [{ price }] })] as const,
  );

function doneText({ entries, passedOver }: Catalogue, version: string): string {
  const over = passedOver > 0 ? `; ${passedOver} entries of other vendors or kinds passed over` : "";
  return `${entries.length} prices in force as ${version}${over}\n`;
}
