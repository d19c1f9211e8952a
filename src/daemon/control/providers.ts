import { formatTime } from "../../core/clock.ts";
import type { JsonObject } from "../../core/json.ts";
import { describeProvider } from "../../engine/provider-report.ts";
import { toSnake } from "../../output/json.ts";
import { entryAsked } from "./circuits.ts";
import type { Control } from "./control.ts";
import { controlBody, type Handler } from "./control-route.ts";
import { durationMember, refuseOthers, wordMember } from "./members.ts";

/** A drain is reported when the last attempt has ended, or after this. */
const MAX_DRAIN_WAIT_MS = 5_000;

/**
 * `POST /riptide/v1/providers/{provider}` `{action: enable|disable|drain, for?}`: whether this daemon sends anything
 * there. What is running goes on; `drain` answers when it has ended. The configuration stays as it is.
 */
export const switchProvider: Handler = async (exchange, control) => {
  const { watching, daemon } = control;
  const { id } = entryAsked(exchange, control);
  const body = await controlBody(exchange);
  refuseOthers(body, ["action", "for"]);
  const action = wordMember(body, "action", ["enable", "disable", "drain"]);
  const forMs = durationMember(body, "for") ?? null;
  if (action === "enable") watching.switches.enable(id);
  else watching.switches.disable(id, forMs);
  const until = forMs === null ? null : formatTime(daemon.clock.wall() + forMs);
  watching.ring.add("lifecycle", { provider: id, action, until });
  if (action === "drain") await drained(id, control, exchange.signal);
  return {
    document: { schema: "riptide.providers/1", providers: [await providerDocument(id, control)] },
  };
};

async function drained(id: string, { watching, daemon }: Control, signal: AbortSignal): Promise<void> {
  const limit = new AbortController();
  const cancel = daemon.clock.timer(MAX_DRAIN_WAIT_MS, () => limit.abort());
  const gone = () => limit.abort();
  signal.addEventListener("abort", gone, { once: true });
  // Whoever asked sees in `in_flight` what is still running.
  await watching.switches.idle(id, limit.signal).catch(() => undefined);
  signal.removeEventListener("abort", gone);
  cancel();
}

/** A provider in the words of `riptide.providers/1`, with what this daemon does with it. */
async function providerDocument(id: string, control: Control): Promise<JsonObject> {
  const engine = control.engine();
  const entry = engine.generation.config.providers.find((each) => each.id === id);
  if (!entry) return { name: id };
  const { switches } = control.watching;
  const [described, off] = [await describeProvider(entry, engine, true), switches.look(id)];
  const document = toSnake({
    ...described,
    ...(off && { enabled: false, status: "disabled" }),
    disabledUntil: off?.untilMs ? formatTime(off.untilMs) : null,
    inFlight: switches.inFlight(id),
  });
  return document as JsonObject; // An object's document is an object.
}
