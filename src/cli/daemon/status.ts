import { asRiptideError, type RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { errorText } from "../../output/error-text.ts";
import {
  contact,
  controlDocument,
  daemonSocket,
  isAbsent,
  verbTimeoutMs,
  waitUntil,
} from "../client/control.ts";
import { hello, isObject, PROTOCOL } from "../client/hello.ts";
import { namesSocket } from "../client/mode.ts";
import { checkSocket } from "../client/socket-check.ts";
import type { Call, Run } from "../command.ts";
import { bareDocument, printState, seenBy } from "./document.ts";

const DEGRADED = 12;

/** `riptide daemon status`: 0 running, 10 not, 11 of another protocol, 12 on an outdated configuration or degraded. */
export const run: Run = async (call) => {
  if (call.given.value("wait") !== undefined) await waitUntilReady(call);
  try {
    const document = await statusOf(call);
    await printState(call, document);
    return isWell(document) ? 0 : DEGRADED;
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (!isAbsent(error) && error.code !== "protocol_mismatch") throw error;
    await printState(call, await withoutAnswer(call, error));
    await call.io.stderr.write(errorText(error));
    return error.exit;
  }
};

/** @throws RiptideError where no daemon of this protocol answers */
export async function statusOf(call: Call): Promise<JsonObject> {
  const reached = await contact(call);
  return seenBy(call, await controlDocument(call, reached, { method: "GET", path: "/riptide/v1/status" }));
}

function isWell({ config, problems }: JsonObject): boolean {
  const isCurrent = !isObject(config) || config.state !== "stale";
  return isCurrent && !(Array.isArray(problems) && problems.length > 0);
}

async function withoutAnswer(call: Call, { code }: RiptideError): Promise<JsonObject> {
  const socket = await daemonSocket(call);
  if (code === "protocol_mismatch") {
    const other = await hello(call, socket, verbTimeoutMs(call)).catch(() => undefined);
    const state = other && other.protocol !== PROTOCOL ? other.state : "unreachable";
    return bareDocument(call, socket, { state, ...(other && { hello: other }) });
  }
  return bareDocument(call, socket, { state: "stopped" });
}

/** Whether it is ready or not is told by the status after it. */
async function waitUntilReady(call: Call): Promise<void> {
  const socket = await daemonSocket(call);
  await waitUntil(call, verbTimeoutMs(call), async () => {
    try {
      checkSocket(socket, namesSocket(call));
      return (await hello(call, socket, verbTimeoutMs(call))).state === "running";
    } catch (thrown) {
      if (isAbsent(asRiptideError(thrown))) return false;
      throw thrown;
    }
  });
}
