import type { Located } from "../../config/locate.ts";
import { showConfig, treeText } from "../../config/show.ts";
import { createRegistry } from "../../providers/registry.ts";
import type { Run } from "../command.ts";
import { printDocument, printTable } from "../print.ts";
import { documentOf, readConfig } from "../session.ts";

/** `riptide config show`: the configuration in the words of its file, secrets redacted. */
export const run: Run = async (call) => {
  const { given, io, format } = call;
  const loaded = await readConfig(call, { useCache: false });
  const { located } = loaded;
  const shown = await showConfig({
    document: documentOf(loaded),
    file: shownName(located),
    registry: createRegistry(),
    effective: given.has("effective"),
  });
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

function shownName(located: Located): string | undefined {
  if (located.kind === "none") return undefined;
  return located.kind === "file" ? located.shown : "<stdin>";
}
