import { asRiptideError } from "../../core/errors.ts";
import { decodedSegment } from "../control/control-route.ts";
import { openAiChat } from "../dialects/openai/chat.ts";
import { modelList, modelNamed } from "../dialects/openai/models.ts";
import { replyError, replyJson } from "../http/exchange.ts";
import type { Route } from "../routes.ts";

/** Every name that `model` may be. */
export const modelsRoute: Route = async (exchange, { generations }) => {
  const { generation, loadedMs } = generations.current();
  replyJson(exchange, modelList(generation.table, loadedMs));
};

const PREFIX = "/v1/models/";

/** One of them; a slash in its name may come as it is or encoded. */
export const modelRoute: Route = async (exchange, { generations }) => {
  const { generation, loadedMs } = generations.current();
  try {
    const id = decodedSegment(exchange.path.slice(PREFIX.length));
    replyJson(exchange, modelNamed(id, generation.table, loadedMs));
  } catch (thrown) {
    const error = asRiptideError(thrown);
    replyError(exchange, error, openAiChat.errorBody(error, undefined));
  }
};
