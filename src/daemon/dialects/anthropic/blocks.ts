import { z } from "zod";
import type { ImagePart, ToolCall } from "../../../core/completion.ts";
import { plainText } from "../../../core/text.ts";
import { type Losses, noteExtras, noteUntranslatable } from "../losses.ts";
import { read } from "./read.ts";

/** A content block of any type, known or not. */
export const anyBlock = z.looseObject({ type: z.string() });
export type AnyBlock = z.infer<typeof anyBlock>;

/** Text is short for a list of one text block. */
export const contentOf = z.preprocess(
  (content) => (typeof content === "string" ? [{ type: "text", text: content }] : content),
  z.array(anyBlock, "expected a string or a list of content blocks"),
);

const text = z.looseObject({ text: z.string() });
const image = z.looseObject({ source: z.looseObject({ type: z.string() }) });
const base64 = z.looseObject({
  media_type: z.enum(["image/png", "image/jpeg", "image/webp", "image/gif"]),
  data: z.string().min(1),
});
const address = z.looseObject({ url: z.string().min(1) });
const toolUse = z.looseObject({
  id: z.string().min(1),
  name: z.string().min(1),
  input: z.record(z.string(), z.unknown()),
});

export function textOf(block: AnyBlock, path: string, losses: Losses): string {
  noteExtras(losses, block, ["type", "text"]);
  return read(text, block, path).text;
}

/** Undefined for an image of a kind that only the vendor itself can find. */
export function imageOf(block: AnyBlock, path: string, losses: Losses): ImagePart | undefined {
  const { source } = read(image, block, path);
  noteExtras(losses, block, ["type", "source"]);
  noteExtras(losses, source, ["type", "media_type", "data", "url"]);
  const at = `${path}.source`;
  if (source.type === "url") return { type: "image", url: read(address, source, at).url };
  if (source.type !== "base64") {
    noteUntranslatable(losses, `an image from a ${plainWord(source.type)}`);
    return undefined;
  }
  const { media_type: mime, data } = read(base64, source, at);
  return { type: "image", mime, base64: data };
}

export function toolCallOf(block: AnyBlock, path: string, losses: Losses): ToolCall {
  const { id, name, input } = read(toolUse, block, path);
  noteExtras(losses, block, ["type", "id", "name", "input"]);
  return { id, name, arguments: JSON.stringify(input) };
}

/** A block that other vendors have nothing like. */
export const foreignBlock = ({ type }: AnyBlock, losses: Losses): void =>
  noteUntranslatable(losses, `a content block of type ${plainWord(type)}`);

const MAX_WORD = 60;

/** A word of the caller's as it may stand in a message. */
export const plainWord = (word: string): string => plainText(word).slice(0, MAX_WORD);
