import { locateConfig } from "../../config/locate.ts";
import { problemText } from "../../config/problems.ts";
import type { Call } from "../command.ts";
import { tellWarnings } from "../config-notes.ts";
import type { Hello } from "./hello.ts";

/**
 * Says on stderr what should be known of the daemon's configuration, as a call that loads it by itself does: with the
 * file named as this call names it, and what is wrong with the variables of this call.
 */
export async function tellConfigNotes(call: Call, { config }: Hello): Promise<void> {
  const { environment, cwd } = call.io;
  const shown = async () => {
    const located = await locateConfig(call.given.value("config"), environment, cwd);
    return located.kind === "file" ? located.shown : undefined;
  };
  const file = config.warnings.length > 0 ? await shown() : undefined;
  const ofFile = config.warnings.map((problem) => problemText(problem, file));
  await tellWarnings(call, [...environment.warnings, ...ofFile]);
}
