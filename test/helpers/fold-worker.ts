/**
 * A process of its own on a ledger. `append N SEED`: writes N settlements to the emergency file, folding now and then
 * if SEED is even. `fold`: folds once. Prints a line when it is about to begin and `done` at its end.
 */
import { writeSync } from "node:fs";
import { systemClock } from "../../src/core/clock.ts";
import { appendEmergency } from "../../src/store/emergency.ts";
import { foldEmergency } from "../../src/store/fold.ts";
import { openDatabase } from "../../src/store/open.ts";
import { thisProcess } from "../../src/store/owner.ts";
import { settlementFor } from "./ledger-settlements.ts";

const [path = "", what = "fold", count = "0", seed = "0"] = process.argv.slice(2);
const clock = systemClock;
const database = await openDatabase({ path, durability: "normal", clock, mayStartFresh: false });
const warn = (line: string) => writeSync(2, `${line}\n`);
const fold = () => foldEmergency(database, { owner: thisProcess(), nowMs: clock.wall(), warn });

writeSync(1, "begin\n");
if (what === "append") {
  for (let n = 0; n < Number(count); n += 1) {
    appendEmergency(path, settlementFor(`rq_${seed}_${n}`, 1_750_000_000_000 + n));
    if (Number(seed) % 2 === 0 && n % 7 === 0) await fold();
  }
} else await fold();
database.close();
writeSync(1, "done\n");
