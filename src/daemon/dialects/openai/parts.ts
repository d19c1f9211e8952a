import { z } from "zod";
import type { ContentPart, ImageMime, ImagePart } from "../../../core/completion.ts";
import { plainText } from "../../../core/text.ts";
import { type Losses, noteExtras, noteUntranslatable } from "../losses.ts";
import { readMember, wrongMember } from "../read-member.ts";

const anyPart = z.looseObject({ type: z.string() });
type AnyPart = z.infer<typeof anyPart>;

/** Text is short for a list of one part of text. */
export const contentOf = z.preprocess(
  (content) => (typeof content === "string" ? [{ type: "text", text: content }] : content),
  z.array(anyPart, "expected a string or a list of content parts"),
);

interface Around {
  /** Where the message stands. */
  readonly path: string;
  readonly losses: Losses;
}

/** The text of parts where others know no parts; a refusal is what was said, too. */
export function textOf(parts: readonly AnyPart[], between: string, { path, losses }: Around): string {
  if (parts.length > 1) losses.isLossy = true;
  return parts
    .map((part, index) => {
      const at = `${path}.content[${index}]`;
      if (part.type === "text") return partText(part, at, losses);
      losses.isLossy = true;
      if (part.type === "refusal") return readMember(refusalPart, part, at).refusal;
      throw wrongMember(`${at}.type`, "expected text");
    })
    .join(between);
}

/** @throws RiptideError `invalid_request` */
export function userContentOf(
  parts: readonly AnyPart[],
  { path, losses }: Around,
): string | readonly ContentPart[] {
  const [first] = parts;
  if (parts.length === 1 && first?.type === "text") return partText(first, `${path}.content[0]`, losses);
  return parts.flatMap((part, index) => userPart(part, `${path}.content[${index}]`, losses));
}

const textPart = z.object({ text: z.string() });
const refusalPart = z.object({ refusal: z.string() });
const imagePart = z.object({
  image_url: z.looseObject({ url: z.string().min(1), detail: z.string().nullish() }),
});

function partText(part: AnyPart, path: string, losses: Losses): string {
  noteExtras(losses, part, ["type", "text"]);
  return readMember(textPart, part, path).text;
}

function userPart(part: AnyPart, path: string, losses: Losses): readonly ContentPart[] {
  if (part.type === "text") return [{ type: "text", text: partText(part, path, losses) }];
  if (part.type === "image_url") return [imageOf(part, path, losses)];
  noteUntranslatable(losses, `content of type ${plainText(part.type).slice(0, MAX_WORD)}`);
  return [];
}

const MAX_WORD = 60;

function imageOf(part: AnyPart, path: string, losses: Losses): ImagePart {
  const { image_url: image } = readMember(imagePart, part, path);
  noteExtras(losses, part, ["type", "image_url"]);
  noteExtras(losses, image, image.detail === "auto" ? ["url", "detail"] : ["url"]);
  const { url } = image;
  if (/^https?:\/\//i.test(url)) return { type: "image", url };
  const [, word] = HEAD.exec(url.slice(0, MAX_HEAD)) ?? [];
  const mime = word === undefined ? undefined : MIMES.get(word.toLowerCase());
  if (mime) return { type: "image", mime, base64: url.slice(url.indexOf(",") + 1) };
  throw wrongMember(
    `${path}.image_url.url`,
    "expected an http address, or a data URL of a PNG, JPEG, WebP or GIF image in base64",
  );
}

const HEAD = /^data:([\w/]+);base64,/i;
const MAX_HEAD = 40;
const MIMES: ReadonlyMap<string, ImageMime> = new Map([
  ["image/png", "image/png"],
  ["image/jpeg", "image/jpeg"],
  ["image/jpg", "image/jpeg"],
  ["image/webp", "image/webp"],
  ["image/gif", "image/gif"],
]);
