import { expect, it } from "vitest";
import { bookedAttempts } from "../../../src/cli/client/record.ts";
import { clientCall, standIn } from "./client-call.ts";

const ATTEMPT = { n: 1, provider: "a", cost_usd: "0.0012" };
const recorded = (state: string) =>
  JSON.stringify({ schema: "riptide.why/1", attempts: [ATTEMPT], reservation: { state } });

/** A daemon that answers so, one reply a question; the last one again and again. */
async function asking(...replies: readonly (readonly [status: number, body: string])[]) {
  const stage = clientCall({ argv: ["--tenant", "acme"], env: { RIPTIDE_TENANT_KEY: "sesame" } });
  const seen: unknown[] = [];
  const { asked } = await standIn(stage, {
    answer({ headers }, response) {
      seen.push(headers["x-riptide-tenant"], headers.authorization);
      const [status, body] = replies[asked.length - 1] ?? replies.at(-1) ?? [500, ""];
      response.writeHead(status).end(body);
    },
  });
  return { attempts: await bookedAttempts(stage.call, stage.socket, "rq_1"), asked, seen };
}

it("what was given up is asked for until it is booked, in the name of the call", async () => {
  const { attempts, asked, seen } = await asking(
    [404, "{}"],
    [200, recorded("held")],
    [200, recorded("settled")],
  );
  expect(attempts).toEqual([ATTEMPT]);
  expect(asked).toEqual(Array(3).fill("GET /riptide/v1/requests/rq_1"));
  expect(seen.slice(0, 2)).toEqual(["acme", "Bearer sesame"]);
});

it("what is not booked in time is not known", async () => {
  const { attempts, asked } = await asking([200, recorded("held")]);
  expect(attempts).toBeUndefined();
  expect(asked.length).toBeGreaterThan(1);
});

it("what a daemon that has gone booked is not known", async () => {
  const stage = clientCall();
  expect(await bookedAttempts(stage.call, stage.socket, "rq_1")).toBeUndefined();
});
