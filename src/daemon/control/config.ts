import { RiptideError } from "../../core/errors.ts";
import type { Handler } from "./control-route.ts";

/** `GET /riptide/v1/config`: what the daemon works by, as `riptide config show --effective --json` prints a file. */
export const runningConfig: Handler = async (_exchange, { daemon }) => {
  const { generation, shown } = daemon.generations.current();
  if (!shown) throw new RiptideError("not_found", "this configuration came without its words");
  const { path, revision } = generation.config;
  return { document: { schema: "riptide.config/1", path, revision, config: await shown() } };
};
