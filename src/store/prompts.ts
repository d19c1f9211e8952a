import type { OperationStart } from "../core/operation.ts";
import type { OutputLimits, RepeatedPrompts } from "../ledger/insights/facts.ts";
import type { Database } from "./database.ts";
import type { RowsWanted } from "./sequence.ts";

const HASH_BYTES = 16;

/** What is kept of a prompt's digest, if there is one: a hash that only this ledger makes of it. Inside a transaction. */
export function promptHash(database: Database, { promptDigest }: OperationStart): Uint8Array | null {
  if (promptDigest === undefined) return null;
  const { createHmac } = process.getBuiltinModule("node:crypto");
  return createHmac("sha256", saltOf(database)).update(promptDigest).digest().subarray(0, HASH_BYTES);
}

/** Drawn when the first prompt is hashed, and kept with the hashes. */
function saltOf(database: Database): string {
  const find = () => database.prepare("SELECT value FROM facts WHERE name = 'prompt_salt'").get();
  const found = find();
  if (found) return String(found.value);
  database.prepare("INSERT INTO facts (name, value) VALUES ('prompt_salt', hex(randomblob(32)))").run();
  return String(find()?.value);
}

/** The newest so many requests show what is allowed and what is repeated. */
const MOST_READ = 100_000;

/** Prompts that were answered more than once, among the newest requests. Inside {@link Database.read}. */
export const readRepeatedPrompts = (database: Database, wanted: RowsWanted): readonly RepeatedPrompts[] =>
  database.prepare(REPEATED).all({ ...wanted, most: MOST_READ }) as unknown as readonly RepeatedPrompts[]; // The columns are those of the query.

/** What requests that set a limit were allowed to answer, and did, among the newest. Inside {@link Database.read}. */
export const readOutputLimits = (database: Database, wanted: RowsWanted): readonly OutputLimits[] =>
  database.prepare(LIMITS).all({ ...wanted, most: MOST_READ }) as unknown as readonly OutputLimits[]; // The columns are those of the query.

const newestWith = (
  column: string,
): string => `(SELECT seq, tenant, coalesce(alias, '') AS alias, winner, cost_nano,
    reserved_nano, max_tokens, prompt_hash FROM operations NOT INDEXED
  WHERE seq BETWEEN $first AND $last AND ${column} IS NOT NULL AND outcome = 'ok' AND started >= $since
    AND started < $until AND ($tenant IS NULL OR tenant = $tenant) AND ($probes OR tenant <> '_health')
  ORDER BY seq DESC LIMIT $most)`;

// With min(seq) in a group, SQLite takes the group's other columns from the row that has it: the first request.
const REPEATED = `SELECT tenant, alias, count(*) AS prompts, sum(requests) AS requests,
    sum(nano - first_nano) AS repeatedNano
  FROM (SELECT tenant, alias, min(seq), cost_nano AS first_nano, count(*) AS requests, sum(cost_nano) AS nano
    FROM ${newestWith("prompt_hash")} GROUP BY tenant, alias, prompt_hash HAVING count(*) > 1)
  GROUP BY tenant, alias`;

const LIMITS = `SELECT o.tenant, o.alias, count(*) AS requests, min(o.max_tokens) AS leastLimit,
    max(a.output_tokens) AS longestOutput, sum(o.reserved_nano) AS reservedNano, sum(o.cost_nano) AS costNano
  FROM ${newestWith("max_tokens")} o CROSS JOIN attempts a ON a.operation = o.seq AND a.n = o.winner GROUP BY 1, 2`;
