import { RiptideError } from "../core/errors.ts";
import type { Frame } from "./frame.ts";

/** Far above any error body; it also bounds the work of trying to parse after each closing bracket. */
const MAX_UNFRAMED_CHARS = 64 * 1024;

/** An unknown field of the SSE grammar, which the standard says to ignore. */
const FIELD = /^[\w-]+(:|$)/;

/** Gathers lines of an event stream that are no events: Vertex sends a bare, pretty-printed JSON error. */
export interface UnframedText {
  /** The frame that this line completes, if any. */
  line(line: string): readonly Frame[];
  /** An event followed, so what was gathered was noise between events. */
  forget(): void;
  /** What was gathered and is no JSON, such as a gateway's "upstream connect error". */
  end(): readonly Frame[];
}

export function unframedText(): UnframedText {
  let lines: string[] = [];
  let chars = 0;
  const take = (): readonly Frame[] => {
    const data = lines.join("\n");
    lines = [];
    chars = 0;
    return data === "" ? [] : [{ kind: "unframed", event: "", data }];
  };
  return {
    line(line) {
      if (lines.length === 0 && (FIELD.test(line) || line.trim() === "")) return [];
      lines.push(line);
      chars += line.length + 1;
      if (chars > MAX_UNFRAMED_CHARS) {
        throw new RiptideError(
          "protocol_error",
          `the stream holds more than ${MAX_UNFRAMED_CHARS} characters of text that is no event`,
        );
      }
      return /[}\]]\s*$/.test(line) && isJson(lines.join("\n")) ? take() : [];
    },
    forget: () => void take(),
    end: take,
  };
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
