import { describe, expect, it } from "vitest";
import { z } from "zod";
import { buildDraft } from "../../src/config/build.ts";
import { systemClock } from "../../src/core/clock.ts";
import { Secret } from "../../src/core/secret.ts";
import { createGeneration } from "../../src/engine/generation.ts";
import { definePlugin } from "../../src/providers/plugin.ts";
import { createRegistry } from "../../src/providers/registry.ts";
import type { Authoriser, EndpointPolicy, Transport, WireRequest } from "../../src/wire/http.ts";
import { type Renewable, renewing } from "../../src/wire/renewing.ts";
import { fakeAdapter } from "../helpers/fake-provider.ts";

const PROXY = { url: "http://proxy.example:3128", noProxy: "" };
const request = { method: "GET", url: "https://x.example/", headers: {} } as const;

/** A provider whose token service hands out `t1`, `t2` …, and whose API answers with these statuses in turn. */
async function provider(statuses: readonly number[]) {
  let wallMs = 0;
  const clock = { ...systemClock, now: () => wallMs, wall: () => wallMs };
  const sent: WireRequest[] = [];
  const policies: EndpointPolicy[] = [];
  const dropped: boolean[] = [];
  let fetched = 0;
  const tokens = renewing<Renewable & { readonly token: Secret }>(
    async () => ({ token: new Secret(`t${++fetched}`) }),
    clock,
  );
  const authoriser: Authoriser = {
    rejected: tokens.rejected,
    authorise: async (wire, signal) => {
      const { token } = await tokens.get(signal);
      return { ...wire, headers: { ...wire.headers, authorization: token } };
    },
  };
  const tokenised = definePlugin({
    apiVersion: 1,
    types: {
      tokenised: {
        operations: ["complete"],
        authentication: "token",
        options: async () => z.object({}),
        create: async () => ({ adapter: fakeAdapter, baseUrl: request.url, authoriser }),
      },
    },
  });
  const registry = createRegistry([tokenised]);
  const source = { kind: "discovered", tree: { providers: { a: { type: "tokenised" } } } } as const;
  const { draft } = await buildDraft({ source, overrides: [], registry, lookup: () => undefined });
  const transport: Transport = async (wire) => {
    sent.push(wire);
    const status = statuses[sent.length - 1] ?? 200;
    return { status, headers: {}, timings: { firstByteMs: 0 }, body: (async function* () {})() };
  };
  const generation = createGeneration(
    { ...draft.settings, path: null, revision: "" },
    {
      clock,
      registry,
      environment: () => undefined,
      readFile: async () => "",
      resolve: async (value) => value as never, // There is no secret in it.
      createTransport: (policy) => {
        policies.push(policy);
        return transport;
      },
      proxy: PROXY,
    },
  );
  const loaded = await generation.provider("a");
  return {
    policies,
    async ask(atMs: number) {
      wallMs = atMs;
      const exchange = { signal: new AbortController().signal, connectTimeoutMs: 1 };
      const { tokenDropped = false } = await loaded.transport(request, exchange);
      dropped.push(tokenDropped);
      const token = sent.at(-1)?.headers.authorization;
      return token instanceof Secret ? token.reveal() : token;
    },
    dropped,
  };
}

describe("a provider with tokens (HO-3)", () => {
  it("sends one until it is refused with 401, then fetches the next", async () => {
    const { ask, dropped } = await provider([200, 401, 200, 200]);
    const tokens = [await ask(0), await ask(60_000), await ask(61_000), await ask(62_000)];
    expect(tokens).toEqual(["t1", "t1", "t2", "t2"]);
    expect(dropped).toEqual([false, true, false, false]);
  });

  it("keeps one that was fetched less than a minute before its refusal", async () => {
    const { ask, dropped } = await provider([401, 200]);
    expect([await ask(0), await ask(59_999), dropped]).toEqual(["t1", "t1", [false, false]]);
  });

  it("does not count a token as gone that is refused with 403: it is known, and may not", async () => {
    const { ask, dropped } = await provider([200, 403]);
    expect([await ask(0), await ask(60_000), dropped]).toEqual(["t1", "t1", [false, false]]);
  });

  it("reaches its token service and its API through the proxy, and metadata only for the former", async () => {
    const { policies } = await provider([]);
    expect(policies).toEqual([
      { allowPrivate: true, allowMetadata: true, proxy: PROXY },
      { allowPrivate: false, proxy: PROXY },
    ]);
  });
});
