import { describe, expect, it } from "vitest";
import { lookForDaemon } from "../../../src/cli/client/choose.ts";
import { textOf } from "../../../src/cli/client/connect.ts";
import { type Submitted, submit } from "../../../src/cli/client/submit.ts";
import { RiptideError } from "../../../src/core/errors.ts";
import { nativeError } from "../../../src/daemon/dialects/native-error.ts";
import { type CallOptions, clientCall, standIn } from "./client-call.ts";

const WORK = { path: "/riptide/v1/complete", accept: "application/x-ndjson", body: '{"messages":[]}' };

type Answer = NonNullable<NonNullable<Parameters<typeof standIn>[1]>["answer"]>;

/** Gives work to a daemon that answers so; the second time is after it has gone. */
async function given(answer: Answer, options: CallOptions = {}) {
  const stage = clientCall(options);
  const { server, asked } = await standIn(stage, { answer });
  const { daemon } = await lookForDaemon(stage.call);
  if (!daemon) throw new Error("no daemon");
  return { stage, server, asked, send: (): Promise<Submitted> => submit(stage.call, daemon, WORK) };
}

const refusing =
  (error: RiptideError, attempts: readonly object[] = []): Answer =>
  (_request, response) => {
    response.writeHead(503, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...nativeError(error, "rq_1"), attempts }));
  };
const DRAINING = new RiptideError("shutting_down", "the daemon is shutting down");

describe("work for the daemon", () => {
  it("is accepted with its body, its tenant, its key and its deadline as a duration", async () => {
    const seen: object[] = [];
    const answer: Answer = ({ headers }, response, body) => {
      const { accept, authorization, "x-riptide-tenant": tenant, "idempotency-key": key } = headers;
      seen.push({ accept, authorization, tenant, key, body });
      response.end("{}");
    };
    const argv = ["--tenant", "acme", "--idempotency-key", "k1"];
    const { send } = await given(answer, { argv, env: { RIPTIDE_TENANT_KEY: "sesame" } });
    const done = await send();
    expect(done.kind === "accepted" && (await textOf(done.reply))).toBe("{}");
    const who = { tenant: "acme", key: "k1", authorization: "Bearer sesame" };
    expect(seen).toEqual([{ accept: WORK.accept, body: WORK.body, ...who }]);
  });

  it("names no tenant where the call names none, so that a key may", async () => {
    let tenant: unknown = "unseen";
    const { send } = await given(({ headers }, response) => {
      tenant = headers["x-riptide-tenant"];
      response.end("{}");
    });
    await send();
    expect(tenant).toBeUndefined();
  });

  it("is for another where the daemon is shutting down and has begun nothing (SD-5)", async () => {
    expect(await (await given(refusing(DRAINING))).send()).toEqual({ kind: "refused" });
  });

  it("is for another where nobody takes the connection any more", async () => {
    const { server, send } = await given(() => {});
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await send()).toEqual({ kind: "refused" });
  });

  it("stays with a daemon that had begun it, and with one that is required", async () => {
    const begun = await given(refusing(DRAINING, [{ n: 1 }]));
    expect(await begun.send()).toMatchObject({ kind: "failed" });
    const required = await given(refusing(DRAINING), { argv: ["--daemon", "require"] });
    expect(await required.send()).toMatchObject({
      kind: "failed",
      document: { error: { code: "shutting_down" } },
    });
  });

  it("is lost with a daemon that goes away before it answers, and is not sent again", async () => {
    const { send, asked } = await given((request) => request.socket.destroy());
    await expect(send()).rejects.toMatchObject({ code: "daemon_lost", exit: 5 });
    expect(asked.filter((line) => line.startsWith("POST"))).toHaveLength(1);
  });

  it("is given up by a closed connection when the caller gives up", async () => {
    let closed: Promise<void> | undefined;
    const { stage, send } = await given((request, response) => {
      closed = new Promise((resolve) => request.socket.once("close", () => resolve()));
      response.write("{");
    });
    const done = await send();
    if (done.kind !== "accepted") throw new Error(done.kind);
    const cancelled = new RiptideError("cancelled", "interrupted by SIGINT", { exit: 130 });
    const read = textOf(done.reply);
    stage.abort(cancelled);
    await expect(read).rejects.toBe(cancelled);
    await closed;
  });
});
