import type { OperationStart } from "../core/operation.ts";
import type { Database } from "./database.ts";
import { idTaken } from "./idempotency.ts";
import { promptHash } from "./prompts.ts";

/**
 * Writes down that an operation has begun, and gives its number. Inside a transaction.
 * @throws RiptideError `already_exists` for an id that is taken
 */
export function insertOperation(
  database: Database,
  operation: OperationStart,
  { reservedNano }: { readonly reservedNano: number },
): number {
  try {
    return insert(database, operation, reservedNano);
  } catch (error) {
    // Looked for when it is too late, since ids that callers give are few, and two that are the same fewer.
    throw idTaken(database, operation.id) ?? error;
  }
}

function insert(database: Database, operation: OperationStart, reservedNano: number): number {
  const { tags } = operation;
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO operations (id, tenant, requested_model, alias, class, dialect, strategy, config_revision,
         generation, idempotency_key, stream, via, tags, started, state, reserved_nano, max_tokens, prompt_hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', ?, ?, ?)`,
    )
    .run(
      ...[operation.id, operation.tenant, operation.requestedModel, operation.alias, operation.class],
      ...[operation.dialect, operation.strategy, operation.configRevision, operation.generation],
      ...[operation.idempotencyKey, operation.stream ? 1 : 0, operation.via],
      ...[Object.keys(tags).length > 0 ? JSON.stringify(tags) : null, operation.startedMs, reservedNano],
      ...[operation.maxTokens ?? null, promptHash(database, operation)],
    );
  return Number(lastInsertRowid);
}
