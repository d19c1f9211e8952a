import { expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { entraTokenSource } from "../../src/wire/entra.ts";
import type { WireRequest } from "../../src/wire/http.ts";
import { type VirtualClock, virtualClock } from "../helpers/virtual-clock.ts";

const { signal } = new AbortController();
const request: WireRequest = { method: "GET", url: "https://x.test/", headers: { accept: "*/*" } };

/** A stand-in for @azure/identity whose numbered tokens live for an hour. */
function identity(clock: VirtualClock) {
  const seen = { credentials: 0, scopes: [] as string[] };
  class DefaultAzureCredential {
    constructor() {
      seen.credentials += 1;
    }
    async getToken(scope: string, { abortSignal }: { abortSignal: AbortSignal }) {
      abortSignal.throwIfAborted();
      seen.scopes.push(scope);
      return { token: `e${seen.scopes.length}`, expiresOnTimestamp: clock.wall() + 3_600_000 };
    }
  }
  return { seen, load: async () => ({ DefaultAzureCredential }) };
}

async function bearer(source: ReturnType<typeof entraTokenSource>) {
  const { headers } = await source.authorise(request, signal);
  expect(headers.accept).toBe("*/*");
  return headers.authorization instanceof Secret ? headers.authorization.reveal() : undefined;
}

it("adds a token for Azure's scope, held until shortly before its end", async () => {
  const clock = virtualClock();
  const { seen, load } = identity(clock);
  const source = entraTokenSource({ clock, load });
  expect(await bearer(source)).toBe("Bearer e1");
  clock.skip(3_300_000 - 1);
  expect(await bearer(source)).toBe("Bearer e1");
  clock.skip(1);
  expect(await bearer(source)).toBe("Bearer e2");
  expect(seen).toEqual({
    credentials: 1,
    scopes: Array(2).fill("https://cognitiveservices.azure.com/.default"),
  });
});

it("asks for another scope when told", async () => {
  const clock = virtualClock();
  const { seen, load } = identity(clock);
  await bearer(entraTokenSource({ clock, load, scope: "https://cognitiveservices.azure.cn/.default" }));
  expect(seen.scopes).toEqual(["https://cognitiveservices.azure.cn/.default"]);
});

it("drops a refused token that is a minute old", async () => {
  const clock = virtualClock();
  const source = entraTokenSource({ clock, load: identity(clock).load });
  await bearer(source);
  clock.skip(60_000);
  source.rejected?.();
  expect(await bearer(source)).toBe("Bearer e2");
});

it("names the package when it is not installed", async () => {
  const load = async (name: string) =>
    Promise.reject(Object.assign(new Error(name), { code: "ERR_MODULE_NOT_FOUND" }));
  await expect(bearer(entraTokenSource({ clock: virtualClock(), load }))).rejects.toMatchObject({
    code: "config_invalid",
    action: "next",
    message: "auth: entra needs the package @azure/identity, which is not installed",
    facts: { hint: "npm install @azure/identity" },
  });
});

it("says so when the package is there but broken", async () => {
  const load = async () => Promise.reject(new SyntaxError("unexpected token"));
  await expect(bearer(entraTokenSource({ clock: virtualClock(), load }))).rejects.toMatchObject({
    code: "config_invalid",
    message: expect.stringContaining("cannot be loaded"),
  });
});

it.each([
  ["fails", async () => Promise.reject(new RangeError("s3cret")), "(RangeError)"],
  ["finds nothing", async () => null, "(no reason given)"],
])("reports a credential that %s, without its words", async (_what, getToken, reason) => {
  class DefaultAzureCredential {
    getToken = getToken;
  }
  const source = entraTokenSource({ clock: virtualClock(), load: async () => ({ DefaultAzureCredential }) });
  const error = await bearer(source).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "auth_failed", message: expect.stringContaining(reason) });
  expect(`${error.stack} ${error.cause}`).not.toContain("s3cret");
});
