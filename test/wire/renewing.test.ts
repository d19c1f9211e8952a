import { expect, it } from "vitest";
import { type Renewable, renewing } from "../../src/wire/renewing.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const MINUTE = 60_000;
const { signal } = new AbortController();

/** A source of numbered tokens that live for an hour, and a count of fetches. */
function source({ lifeMs = 60 * MINUTE }: { lifeMs?: number } = {}) {
  const clock = virtualClock();
  const state = { fetches: 0, fails: false };
  const tokens = renewing(async (): Promise<Renewable & { number: number }> => {
    state.fetches += 1;
    if (state.fails) throw new Error("the service is down");
    return { number: state.fetches, expiresAtWallMs: clock.wall() + lifeMs };
  }, clock);
  const next = async () => (await tokens.get(signal)).number;
  return { clock, state, tokens, next };
}

it("fetches once and renews five minutes before the expiry", async () => {
  const { clock, next } = source();
  expect(await next()).toBe(1);
  clock.skip(55 * MINUTE - 1);
  expect(await next()).toBe(1);
  clock.skip(1);
  expect(await next()).toBe(2);
});

it("never renews what has no expiry", async () => {
  const clock = virtualClock();
  let fetches = 0;
  const forever = renewing(
    async (): Promise<Renewable & { number: number }> => ({ number: ++fetches }),
    clock,
  );
  await forever.get(signal);
  clock.skip(1e12);
  expect(await forever.get(signal)).toEqual({ number: 1 });
});

it("does not renew more than once a minute what is short-lived anyway", async () => {
  const { clock, next } = source({ lifeMs: 4 * MINUTE });
  expect(await next()).toBe(1);
  clock.skip(MINUTE - 1);
  expect(await next()).toBe(1);
  clock.skip(1);
  expect(await next()).toBe(2);
});

it("goes by the calendar, which a suspended machine finds advanced", async () => {
  const { clock, next } = source();
  await next();
  clock.shiftWall(2 * 60 * MINUTE);
  expect(await next()).toBe(2);
});

it("drops a refused token, unless it was fetched less than 60 s ago", async () => {
  const { clock, next, tokens } = source();
  await next();
  clock.skip(MINUTE - 1);
  expect(tokens.rejected()).toBe(false);
  expect(await next()).toBe(1);
  clock.skip(1);
  expect(tokens.rejected()).toBe(true);
  expect(await next()).toBe(2);
});

it("is not held to have been refused when its predecessor was, slowly", async () => {
  const { clock, next, tokens } = source();
  await next();
  clock.skip(MINUTE);
  const takenAtMs = clock.now();
  clock.skip(1);
  tokens.rejected();
  expect(await next()).toBe(2);
  expect(tokens.rejected(takenAtMs)).toBe(true);
  expect(await next()).toBe(2);
});

it("uses a token to its end when a renewal fails, trying again once a minute", async () => {
  const { clock, state, next } = source();
  await next();
  state.fails = true;
  clock.skip(56 * MINUTE);
  expect(await next()).toBe(1);
  expect(await next()).toBe(1);
  expect(state.fetches).toBe(2);
  clock.skip(MINUTE);
  expect(await next()).toBe(1);
  expect(state.fetches).toBe(3);
  clock.skip(3 * MINUTE);
  await expect(next()).rejects.toThrow("the service is down");
});

it("tries again at once after a failure without a token", async () => {
  const { state, next } = source();
  state.fails = true;
  await expect(next()).rejects.toThrow("the service is down");
  state.fails = false;
  expect(await next()).toBe(2);
});

/** A source whose fetches end by hand. */
function slowSource() {
  const flights: { resolve(value: Renewable): void; reject(reason: unknown): void; signal: AbortSignal }[] =
    [];
  const tokens = renewing(
    (flightSignal) =>
      new Promise<Renewable>((resolve, reject) => flights.push({ resolve, reject, signal: flightSignal })),
    virtualClock(),
  );
  return { flights, tokens };
}

it("lets callers that arrive together wait for one fetch", async () => {
  const { flights, tokens } = slowSource();
  const waiting = [tokens.get(signal), tokens.get(signal), tokens.get(signal)];
  flights[0]?.resolve({ expiresAtWallMs: 7 });
  expect(await Promise.all(waiting)).toEqual(Array(3).fill({ expiresAtWallMs: 7 }));
  expect(flights).toHaveLength(1);
});

it("lets one caller leave without harm to the others", async () => {
  const { flights, tokens } = slowSource();
  const leaving = new AbortController();
  const [left, stayed] = [tokens.get(leaving.signal), tokens.get(signal)];
  leaving.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  expect(flights[0]?.signal.aborted).toBe(false);
  flights[0]?.resolve({});
  expect(await stayed).toEqual({});
});

it("aborts the fetch when the last caller leaves, and begins a new one for the next", async () => {
  const { flights, tokens } = slowSource();
  const leaving = new AbortController();
  const left = tokens.get(leaving.signal);
  leaving.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  expect(flights[0]?.signal.aborted).toBe(true);
  const next = tokens.get(signal);
  flights[0]?.reject(new Error("aborted"));
  flights[1]?.resolve({ expiresAtWallMs: 8 });
  expect(await next).toEqual({ expiresAtWallMs: 8 });
});

it("fetches nothing for a caller that has left already", async () => {
  const { flights, tokens } = slowSource();
  await expect(tokens.get(AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  expect(flights).toEqual([]);
});
