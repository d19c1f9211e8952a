import type { LoadedConfig } from "../../config/load.ts";
import type { Located } from "../../config/locate.ts";
import { type ShownConfig, showConfig } from "../../config/show.ts";
import { documentOf } from "../session.ts";

/** A configuration in the words of its file, secrets redacted; with every default unless told otherwise. */
export const shownConfig = (
  loaded: LoadedConfig,
  { effective = true }: { readonly effective?: boolean } = {},
): Promise<ShownConfig> =>
  showConfig({
    document: documentOf(loaded),
    file: shownName(loaded.located),
    registry: loaded.registry,
    effective,
  });

function shownName(located: Located): string | undefined {
  if (located.kind === "none") return undefined;
  return located.kind === "file" ? located.shown : "<stdin>";
}
