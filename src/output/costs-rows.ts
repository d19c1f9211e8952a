import { formatTime } from "../core/clock.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { usdText } from "../core/money.ts";
import { type AttemptRow, lineCost, type OperationRow, operationCost } from "../store/line-reader.ts";
import type { CsvCell } from "./csv.ts";

/** A field of a row, by its name in documents and files. */
export type Field<Row> = readonly [name: string, value: (row: Row) => Json];

/** One request. */
export const OPERATION_FIELDS: readonly Field<OperationRow>[] = [
  ["id", (row) => row.id],
  ["tenant", (row) => row.tenant],
  ["requested_model", (row) => row.requestedModel],
  ["alias", (row) => row.alias],
  ["class", (row) => row.class],
  ["dialect", (row) => row.dialect],
  ["strategy", (row) => row.strategy],
  ["config_revision", (row) => row.configRevision],
  ["via", (row) => row.via],
  ["stream", (row) => row.stream !== 0n],
  ["tags", (row) => tagsOf(row.tags)],
  ["started_at", (row) => timeText(row.startedMs)],
  ["ended_at", (row) => timeText(row.endedMs)],
  ["outcome", (row) => row.outcome],
  ["error_code", (row) => row.errorCode],
  ["attempts", (row) => Number(row.attempts)],
  ["provider", (row) => row.provider],
  ["model", (row) => row.model],
  ["first_token_ms", (row) => numberOrNull(row.firstTokenMs)],
  ["input_tokens", (row) => Number(row.inputTokens)],
  ["output_tokens", (row) => Number(row.outputTokens)],
  ["reserved_usd", (row) => usdText(row.reservedNano)],
  ["cost_usd", (row) => usdOrNull(operationCost(row))],
  ["priced", (row) => row.unpriced === 0n],
  ["overrun_usd", (row) => usdText(row.overrunNano)],
  ["prompt_hash", (row) => row.promptHash],
];

/** One attempt. */
export const ATTEMPT_FIELDS: readonly Field<AttemptRow>[] = [
  ["id", (row) => row.id],
  ["n", (row) => Number(row.n)],
  ["tenant", (row) => row.tenant],
  ["requested_model", (row) => row.requestedModel],
  ["alias", (row) => row.alias],
  ["tags", (row) => tagsOf(row.tags)],
  ["class", (row) => row.class],
  ["kind", (row) => row.kind],
  ["provider", (row) => row.provider],
  ["model", (row) => row.model],
  ["outcome", (row) => row.outcome],
  ["error_code", (row) => row.errorCode],
  ["http_status", (row) => numberOrNull(row.httpStatus)],
  ["provider_request_id", (row) => row.providerRequestId],
  ["started_at", (row) => timeText(row.startedMs)],
  ["ended_at", (row) => timeText(row.endedMs)],
  ["first_token_ms", (row) => numberOrNull(row.firstTokenMs)],
  ["input_tokens", (row) => Number(row.inputTokens)],
  ["output_tokens", (row) => Number(row.outputTokens)],
  ["cache_read_tokens", (row) => Number(row.cacheReadTokens)],
  ["cache_write_tokens", (row) => Number(row.cacheWriteTokens)],
  ["reasoning_tokens", (row) => Number(row.reasoningTokens)],
  ["usage_source", (row) => row.usageSource],
  ["usage_note", (row) => row.usageNote],
  ["price_version", (row) => row.priceVersion],
  ["cost_usd", (row) => usdOrNull(lineCost(row))],
  ["priced", (row) => lineCost(row) !== null],
];

/** A row as an object. */
export const rowDocument = <Row>(fields: readonly Field<Row>[], row: Row): JsonObject =>
  Object.fromEntries(fields.map(([name, value]) => [name, value(row)]));

/** A row as cells; what is an object stays JSON. */
export const rowCells = <Row>(fields: readonly Field<Row>[], row: Row): readonly CsvCell[] =>
  fields.map(([, value]) => {
    const cell = value(row);
    return typeof cell === "object" && cell !== null ? JSON.stringify(cell) : cell;
  });

/** The ledger's tags; they were written as an object of texts. */
const tagsOf = (tags: string | null): Json => (tags === null ? {} : (JSON.parse(tags) as Json));

const timeText = (ms: bigint | null): string | null => (ms === null ? null : formatTime(Number(ms)));
const numberOrNull = (value: bigint | null): number | null => (value === null ? null : Number(value));
const usdOrNull = (nano: bigint | null): string | null => (nano === null ? null : usdText(nano));
