import { statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { RiptideError } from "../../core/errors.ts";
import { importModule } from "../../providers/plugins-load.ts";
import { isObject } from "../../providers/read.ts";
import type { ContractSetup } from "../../testing/stage.ts";

/** How one adapter of a plugin is put to the test, by a name for people. */
export interface Contract extends ContractSetup {
  readonly name: string;
}

const FILE = "contract.js";

/**
 * What the file `contract.js` beside a plugin exports as `contracts`; none where there is no such file.
 * @throws RiptideError `config_invalid` for a file that exports something else
 */
export async function readContracts(folder: string, clock: Clock): Promise<readonly Contract[]> {
  const path = join(folder, FILE);
  if (!statSync(path, { throwIfNoEntry: false })) return [];
  const { contracts } = await importModule(path, clock);
  if (Array.isArray(contracts) && contracts.length > 0 && contracts.every(isContract)) return contracts;
  throw new RiptideError("config_invalid", `${path} exports no "contracts"`, {
    reasons: ["it is a list of { name, dialect, model, create(url) }"],
    hint: "riptide plugins new example   (writes one to look at)",
  });
}

function isContract(value: unknown): value is Contract {
  if (!isObject(value) || !isObject(value.dialect)) return false;
  const { name, model, create, dialect } = value;
  const isNamed = typeof name === "string" && typeof model === "string" && typeof dialect.name === "string";
  const parts = [create, dialect.problems, dialect.render, dialect.errorEvent, dialect.strangerEvent];
  return isNamed && parts.every((part) => typeof part === "function");
}
