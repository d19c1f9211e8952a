import { treeText } from "../../config/show.ts";
import type { Run } from "../command.ts";
import { printDocument, printTable } from "../print.ts";
import { readConfig } from "../session.ts";
import { shownConfig } from "./shown.ts";

/** `riptide config show`: the configuration in the words of its file, secrets redacted. */
export const run: Run = async (call) => {
  const { given, io, format } = call;
  const loaded = await readConfig(call, { useCache: false });
  const shown = await shownConfig(loaded, { effective: given.has("effective") });
  if (format === "json") {
    const { path, revision } = loaded.config;
    await printDocument(call, {
      schema: "riptide.config/1",
      path,
      revision,
      config: shown.tree,
      ...(given.has("origin") && {
        // A list: as the value of `api_key` a place would be taken for a key.
        origins: shown.values.map(({ key, origin }) => ({ key, origin })),
      }),
    });
  } else if (given.has("origin")) {
    const rows = shown.values.map(({ key, value, origin }) => [key, JSON.stringify(value), origin]);
    await printTable(call, [{ head: "key" }, { head: "value" }, { head: "origin" }], rows);
  } else {
    await io.stdout.write(io.redactor.redact(treeText(shown.tree)));
  }
  return 0;
};
