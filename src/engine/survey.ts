import { deniesTarget } from "../admission/access.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import type { OperationStart } from "../core/operation.ts";
import { type Route, routeOf } from "../routing/route.ts";
import { type Target, targetText } from "../routing/target.ts";
import type { Candidate, Candidates, ForcedLimit } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { Skip } from "./events.ts";
import { startLimit, untilAborted } from "./limit.ts";
import { type Demand, type Offer, offerOf } from "./offers.ts";
import { type Asked, limitsOf, type OperationLimits } from "./operation.ts";
import { type Ranking, rankingOf } from "./ranking.ts";
import { snapshotFor } from "./snapshot.ts";
import { type TenantRules, tenantRules } from "./tenant-rules.ts";

/** What differs between the kinds of operations at their admission; `C` is a candidate. */
export interface Entrance<C extends Candidate> {
  readonly kind: OperationStart["class"];
  readonly stream: boolean;
  /** The limit on the answer that the caller set. */
  readonly maxTokens?: number | undefined;
  /** What makes two prompts the same one. */
  readonly prompt: readonly unknown[];
  /** The candidates that can do what is asked. */
  candidates(targets: readonly Target[]): Promise<Candidates<C>>;
  demand(candidate: C): Demand;
  /** The candidate with an output limit that money makes necessary. */
  limited(candidate: C, limit: ForcedLimit): C;
}

/** One operation before its admission. */
export interface Asking<C extends Candidate> {
  readonly asked: Asked;
  readonly engine: Engine;
  readonly entrance: Entrance<C>;
  readonly tenant: TenantRules;
}

/** What a request could be sent to, and at what price; nothing is taken and nothing is sent. */
export interface Survey<C> {
  readonly route: Route;
  readonly limits: OperationLimits;
  readonly candidates: readonly C[];
  readonly skipped: readonly Skip[];
  /** By `provider/model`, in the order of the candidates. */
  readonly offers: ReadonlyMap<string, Offer>;
  /** The order in which admission will have them asked. */
  readonly ranking: Ranking;
}

/**
 * Looks along the route of a request, as its admission would.
 * @throws RiptideError for a tenant or a target that does not exist.
 */
export function survey<C extends Candidate>(
  asked: Asked,
  engine: Engine,
  entrance: Entrance<C>,
): Promise<Survey<C>> {
  const { config, table } = engine.generation;
  const tenant = tenantRules(config, asked.tenant, { maxCostNano: asked.maxCostNano });
  return look({ asked, engine, entrance, tenant }, routeOf(asked.route, table));
}

/** The same for a route and a tenant that are known. */
export async function look<C extends Candidate>(asking: Asking<C>, route: Route): Promise<Survey<C>> {
  const { asked, engine, entrance } = asking;
  const limits = limitsOf(asked, engine.generation.config, { alias: route.alias, kind: entrance.kind });
  const able = await eligible(asking, { route, deadlineMs: limits.deadlineMs });
  const { candidates, skipped } = asked.probe ? able : await open(asking, able);
  const offers = await offersOf(asking, candidates);
  const snapshot = await snapshotFor(route.strategy, candidates, engine);
  const ranking = rankingOf(route, offers, snapshot, asked.route.model ?? "default");
  return { route, limits, candidates, skipped, offers, ranking };
}

/**
 * Those whose provider may be asked now. Where all the others are out of the question, those that are only held for a
 * while stay, the first to be free first: one of them may be worth waiting for (HO-5).
 */
async function open<C extends Candidate>(
  { engine: { guard }, entrance }: Asking<C>,
  { candidates, skipped }: Candidates<C>,
): Promise<Candidates<C>> {
  await guard.refresh(candidates, entrance.kind);
  const looked = candidates.map((candidate) => ({
    candidate,
    refusal: guard.refusal(candidate, entrance.kind),
  }));
  const free = looked.filter(({ refusal }) => refusal === null);
  const held = looked
    .filter(({ refusal }) => refusal?.reason === "held")
    .toSorted((a, b) => (a.refusal?.untilMs ?? 0) - (b.refusal?.untilMs ?? 0));
  const kept = free.length > 0 ? free : held;
  const passed = looked.flatMap((each): readonly Skip[] => {
    const { candidate, refusal } = each;
    if (!refusal || kept.includes(each)) return [];
    return [{ provider: candidate.provider, model: candidate.model, ...refusal }];
  });
  return { candidates: kept.map(({ candidate }) => candidate), skipped: [...skipped, ...passed] };
}

/** The targets the tenant may use and that can do what is asked, preferred providers first. */
async function eligible<C extends Candidate>(
  { asked, engine, entrance, tenant }: Asking<C>,
  { route, deadlineMs }: { readonly route: Route; readonly deadlineMs: number },
): Promise<Candidates<C>> {
  const { access, prefer } = tenant;
  const denials = route.targets.map((target) => denialOf(asked.tenant, access, route, target));
  const allowed = route.targets.filter((_, index) => denials[index] === undefined);
  const isReady = allowed.every(({ provider }) => engine.generation.isReady(provider));
  const finding = entrance.candidates(allowed);
  const found = await (isReady ? finding : inTime(finding, { asked, engine, allowed, deadlineMs }));
  const rank = ({ provider }: Target) =>
    prefer.includes(provider) ? prefer.indexOf(provider) : prefer.length;
  return {
    candidates: found.candidates.toSorted((a, b) => rank(a) - rank(b)),
    skipped: [...denials.filter((skip) => skip !== undefined), ...found.skipped],
  };
}

interface Finding {
  readonly asked: Asked;
  readonly engine: Engine;
  readonly allowed: readonly Target[];
  readonly deadlineMs: number;
}

/** A provider comes to be by code of its own, such as a plugin's or a command that gives a key. */
async function inTime<T>(finding: Promise<T>, { asked, engine, allowed, deadlineMs }: Finding): Promise<T> {
  const limit = startLimit(engine.clock, asked.signal);
  limit.set(deadlineMs, () => unready(allowed, deadlineMs));
  return untilAborted(finding, limit.signal).finally(() => limit.dispose(true));
}

function unready(targets: readonly Target[], deadlineMs: number): RiptideError {
  const reasons = [`it waited for ${[...new Set(targets.map(({ provider }) => provider))].join(", ")}`];
  const message = `no provider was ready within ${formatDuration(deadlineMs)}`;
  return new RiptideError("deadline_exceeded", message, { reasons });
}

async function offersOf<C extends Candidate>(
  { engine, entrance }: Asking<C>,
  candidates: readonly C[],
): Promise<ReadonlyMap<string, Offer>> {
  const { prices } = engine.stages;
  const atMs = engine.clock.wall();
  const offers = await Promise.all(
    candidates.map((candidate) => offerOf(candidate, entrance.demand(candidate), { prices, atMs })),
  );
  return new Map(offers.map((offer) => [targetText(offer.quote), offer]));
}

function denialOf(
  tenant: string,
  access: TenantRules["access"],
  { alias }: Route,
  target: Target,
): Skip | undefined {
  const reason = deniesTarget(access, { ...target, alias });
  if (reason === undefined) return undefined;
  const { provider, model } = target;
  const error = new RiptideError("tenant_denied", `tenant ${tenant} may not use it: ${reason}`);
  return { provider, model, reason: "tenant_denied", error };
}
