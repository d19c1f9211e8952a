import { createParser, type EventSourceParser, type ParseError } from "eventsource-parser";
import { RiptideError } from "../core/errors.ts";
import { type Frame, type Framer, MAX_LINE_BYTES } from "./frame.ts";
import { lineSplitter } from "./line-splitter.ts";
import { plainEvents } from "./plain-events.ts";
import { isJson, unframedText } from "./unframed-text.ts";

/**
 * Server-sent events (HTML Living Standard, section 9.2). The parser is fed whole lines: it silently drops the
 * first half of a line that is no field, and such lines may be the provider's error.
 *
 * An event that the stream ends in the middle of is dropped, as the standard says, unless its data is plainly
 * whole. Some servers leave out the last blank line, and no cut can make half an event look whole: a part of a
 * JSON object or array, or of `[DONE]`, is never one itself. Whether the answer is whole is for its terminal
 * marker to tell.
 */
export function sseFramer(): Framer {
  const splitter = lineSplitter("cr-or-lf");
  const unframed = unframedText();
  let frames: Frame[] = [];
  let eventLength = 0;
  let ended = false;
  /** Nothing of an event has come yet. */
  let isBetween = true;

  /** Made when it is needed: most streams are plain from end to end. */
  let parser: EventSourceParser | undefined;
  const parse = (text: string) => {
    parser ??= createParser({
      onEvent({ event = "", data }) {
        if (ended && !isWhole(data)) return;
        unframed.forget();
        frames.push({ kind: "event", event, data });
      },
      onError({ type, line = "" }: ParseError) {
        if (type === "unknown-field") frames.push(...unframed.line(line));
      },
    });
    parser.feed(text);
  };

  const feed = (line: string) => {
    eventLength = line === "" ? 0 : eventLength + (line.startsWith(":") ? 0 : line.length);
    if (eventLength > MAX_LINE_BYTES) {
      throw new RiptideError("protocol_error", `the stream holds an event above ${MAX_LINE_BYTES} bytes`);
    }
    parse(`${line}\n`);
    isBetween = line === "";
  };
  const collect = (): readonly Frame[] => {
    const collected = frames;
    frames = [];
    return collected;
  };

  return {
    push(chunk) {
      const plain = isBetween && !splitter.isWithin() && plainEvents(bytesOf(chunk));
      if (plain) {
        unframed.forget();
        return plain;
      }
      for (const line of splitter.push(chunk)) feed(line);
      return collect();
    },
    end() {
      ended = true;
      const rest = splitter.rest();
      if (parser || rest !== "") {
        feed(rest);
        parse("\n");
      }
      frames.push(...unframed.end());
      return collect();
    },
  };
}

const bytesOf = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

const isWhole = (data: string) => data === "[DONE]" || (/^\s*[{[]/.test(data) && isJson(data));
