import type { Accepted, PassedOver, Refused } from "../admission/decide.ts";
import type { RiptideError } from "../core/errors.ts";
import type { OperationStart } from "../core/operation.ts";
import { type Route, routeOf } from "../routing/route.ts";
import { type Account, openAccount } from "./account.ts";
import type { Candidate, Candidates } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { Skip } from "./events.ts";
import type { GrowingTrail } from "./failover-plan.ts";
import { finalError } from "./final-error.ts";
import { OPEN_OUTPUT_TOKENS } from "./offers.ts";
import type { Asked, OperationLimits } from "./operation.ts";
import { type Asking, type Entrance, look, type Survey } from "./survey.ts";
import { tenantRules } from "./tenant-rules.ts";

/** An operation that may go out now. */
export interface Entered<C> {
  readonly limits: OperationLimits;
  /** In the order in which they are tried. */
  readonly candidates: readonly C[];
  readonly account: Account;
  /** When it was admitted, by the monotonic clock; the deadline counts from here (DL-1). */
  readonly startedAt: number;
  readonly warnings: readonly string[];
}

/**
 * Where may it go, and may this tenant send it now? A budget that is spent may name another alias, which is then asked
 * for once in its place.
 * @param trail Gets the targets that are passed over.
 * @throws RiptideError the refusal; nothing was sent and nothing is held.
 */
export async function enter<C extends Candidate>(
  asked: Asked,
  engine: Engine,
  entrance: Entrance<C>,
  trail: GrowingTrail,
): Promise<Entered<C>> {
  const { config, table } = engine.generation;
  const tenant = tenantRules(config, asked.tenant, { maxCostNano: asked.maxCostNano });
  const asking: Asking<C> = { asked, engine, entrance, tenant };
  const first = await knock(asking, routeOf(asked.route, table));
  if (first.ok) return admitted(first, trail, []);
  if (first.degradeTo === undefined) throw refused(first, trail);
  const second = await knock(asking, routeOf({ model: first.degradeTo }, table));
  if (!second.ok) throw refused(second, trail);
  const model = asked.route.model ?? "default";
  return admitted(second, trail, [`a budget is spent: ${first.degradeTo} answers in place of ${model}`]);
}

/** Where each of the targets refuses for itself, they and those passed over before say together why (ER-3). */
function closed(
  decision: Refused,
  candidates: readonly Candidate[],
  before: readonly Skip[],
): { readonly ok: false } & Closed {
  if (!decision.passedOver) return { ...decision, skipped: before };
  const skipped = [...before, ...passedOver(candidates, decision.passedOver)];
  return { ok: false, error: finalError({ attempts: [], skipped }), skipped };
}

interface Opened<C> extends Entered<C> {
  readonly ok: true;
  readonly skipped: readonly Skip[];
}

interface Closed {
  readonly ok: false;
  readonly error: RiptideError;
  readonly degradeTo?: string | undefined;
  readonly skipped: readonly Skip[];
}

function admitted<C>(opened: Opened<C>, trail: GrowingTrail, warnings: readonly string[]): Entered<C> {
  trail.skipped.push(...opened.skipped);
  return { ...opened, warnings: [...warnings, ...opened.warnings] };
}

function refused({ error, skipped }: Closed, trail: GrowingTrail): RiptideError {
  trail.skipped.push(...skipped);
  return error;
}

/** Asks for admission along one route. */
async function knock<C extends Candidate>(asking: Asking<C>, route: Route): Promise<Opened<C> | Closed> {
  const { engine, tenant } = asking;
  const { limits, candidates, skipped, offers, ranking } = await look(asking, route);
  if (candidates.length === 0) return { ok: false, error: finalError({ attempts: [], skipped }), skipped };
  const startedMs = engine.clock.wall();
  // What was read and loaded before is not the providers' time.
  const startedAt = engine.clock.now();
  const operation = startOf(asking, route, startedMs);
  const decision = await engine.stages.admit({
    operation,
    rules: tenant.rules,
    quotes: [...offers.values()].map(({ quote }) => quote),
    turnOf: ranking.turnOf,
    order: ranking.order,
    expiresInMs: limits.deadlineMs + limits.streamMaxMs + EXPIRY_MARGIN_MS,
    withinMs: limits.deadlineMs / 2,
  });
  if (!decision.ok) return closed(decision, candidates, skipped);
  const account = openAccount({
    operation,
    rules: tenant.rules,
    accepted: decision,
    offers,
    scores: ranking.scores,
    stages: engine.stages,
  });
  return {
    ok: true,
    limits,
    startedAt,
    account,
    warnings: decision.warnings ?? [],
    candidates: chosenOf(asking, candidates, decision),
    skipped: [...skipped, ...passedOver(candidates, decision.passedOver)],
  };
}

/**
 * What admission would make of a survey's candidates now, in the order in which they would be asked; nothing is taken.
 * @throws RiptideError for a tenant that does not exist, or a budget that cannot be looked up
 */
export async function preview<C extends Candidate>(
  asked: Asked,
  engine: Engine,
  { entrance, found }: { readonly entrance: Entrance<C>; readonly found: Survey<C> },
): Promise<Candidates<C>> {
  const { candidates, skipped, offers, ranking, route } = found;
  if (candidates.length === 0) return { candidates, skipped };
  const tenant = tenantRules(engine.generation.config, asked.tenant, { maxCostNano: asked.maxCostNano });
  const { budgets, capNano, unpriced } = tenant.rules;
  const asking: Asking<C> = { asked, engine, entrance, tenant };
  const decision = await engine.stages.preview({
    operation: startOf(asking, route, engine.clock.wall()),
    rules: { tenant: asked.tenant, budgets, capNano, unpriced },
    quotes: [...offers.values()].map(({ quote }) => quote),
    ...{ turnOf: ranking.turnOf, order: ranking.order, expiresInMs: 0, withinMs: 0 },
  });
  if (decision.ok) {
    return {
      candidates: chosenOf(asking, candidates, decision),
      skipped: [...skipped, ...passedOver(candidates, decision.passedOver)],
    };
  }
  if (decision.passedOver) {
    return { candidates: [], skipped: [...skipped, ...passedOver(candidates, decision.passedOver)] };
  }
  const reason = "unaffordable";
  const refused = candidates.map(
    ({ provider, model }): Skip => ({ provider, model, reason, error: decision.error }),
  );
  return { candidates: [], skipped: [...skipped, ...refused] };
}

/** A reservation of a process that cannot be looked up outlives its operation by this. */
const EXPIRY_MARGIN_MS = 60_000;

function startOf<C extends Candidate>(
  { asked, engine, entrance }: Asking<C>,
  { alias, strategy }: Route,
  startedMs: number,
): OperationStart {
  const { id, tenant, dialect, via, tags } = asked;
  const { config } = engine.generation;
  return {
    ...{ id, tenant, dialect, via, tags, alias, strategy, startedMs },
    requestedModel: asked.route.model ?? "default",
    class: entrance.kind,
    configRevision: config.revision,
    generation: 0,
    idempotencyKey: asked.idempotencyKey ?? null,
    stream: entrance.stream,
    maxTokens: entrance.maxTokens,
    promptDigest: config.ledger.promptHashes ? digestOf(entrance.prompt) : undefined,
  };
}

/** Loaded only by those who asked for it. */
const digestOf = (prompt: readonly unknown[]): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(JSON.stringify(prompt)).digest("hex");

function chosenOf<C extends Candidate>(
  { entrance, tenant }: Asking<C>,
  candidates: readonly C[],
  { chosen }: Accepted,
): readonly C[] {
  const { budgets, capNano } = tenant.rules;
  const isLimited = budgets.length > 0 || capNano !== undefined;
  return chosen.flatMap(({ index, outputLimit, worstNano }) => {
    const candidate = candidates[index];
    if (!candidate) return [];
    if (outputLimit !== undefined)
      return [entrance.limited(candidate, { tokens: outputLimit, by: "budget" })];
    const demand = entrance.demand(candidate);
    // A whole answer cannot be stopped on its way, so it is held to what is reserved for it.
    const isOpen = demand.maxOutputTokens === undefined && !entrance.stream && isLimited && worstNano > 0;
    return [isOpen ? entrance.limited(candidate, { tokens: OPEN_OUTPUT_TOKENS, by: "reserve" }) : candidate];
  });
}

const passedOver = (candidates: readonly Candidate[], left: readonly PassedOver[]): readonly Skip[] =>
  left.flatMap(({ index, reason, error }) => {
    const candidate = candidates[index];
    if (!candidate) return [];
    const { provider, model } = candidate;
    return [{ provider, model, reason, error }];
  });
