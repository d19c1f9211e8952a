import { locateConfig, searchedFiles } from "../../config/locate.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Run } from "../command.ts";
import { printDocument } from "../print.ts";

/** `riptide config path`: the file in use, or every place that is looked at. */
export const run: Run = async (call) => {
  const { io, given, format } = call;
  const named = given.value("config");
  const searched = named === undefined ? searchedFiles(io.environment) : [named];
  if (given.has("all") && format !== "json") {
    await io.stdout.write(searched.map((file) => `${file}\n`).join(""));
    return 0;
  }
  const located = await locateConfig(named, io.environment, io.cwd);
  if (located.kind === "stdin") throw new RiptideError("usage", "a configuration on stdin has no path");
  const path = located.kind === "file" ? located.path : null;
  if (path === null && !given.has("all")) {
    throw new RiptideError("config_not_found", "no configuration file is in use", {
      reasons: searched.map((file) => `looked for ${file}`),
      hint: "riptide config init",
    });
  }
  if (format === "json") await printDocument(call, { schema: "riptide.config_path/1", path, searched });
  else await io.stdout.write(`${path}\n`);
  return 0;
};
