import { isUtf8 } from "node:buffer";
import type { ImageMime, ImagePart } from "../../core/completion.ts";
import { RiptideError } from "../../core/errors.ts";
import { readInputFile } from "./text-file.ts";

const MAX_IMAGE_BYTES = 20_000_000;

/**
 * An image given with `--attach`: an https address is passed on as it is, a file is read and recognised by its first
 * bytes, whatever its name says.
 *
 * @throws RiptideError `usage` for another scheme, an unreadable file, more than 20 MB, or what is not an image we know
 */
export async function readAttachment(target: string): Promise<ImagePart> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(target)?.[1]?.toLowerCase();
  if (scheme) return { type: "image", url: checkedUrl(target, scheme) };
  const bytes = await readInputFile(target, MAX_IMAGE_BYTES);
  const mime = matching(IMAGES, bytes);
  if (!mime) {
    throw new RiptideError("usage", `${target} is not an image: it looks like ${describe(bytes)}`, {
      hint: "attach a PNG, JPEG, WebP or GIF image; give text with --file PATH",
    });
  }
  return { type: "image", mime, base64: bytes.toString("base64") };
}

function checkedUrl(target: string, scheme: string): string {
  if (scheme === "https" && URL.canParse(target)) return target;
  const reason = scheme === "https" ? "it is not a valid address" : `its scheme is ${scheme}, not https`;
  throw new RiptideError("usage", `cannot attach ${target}: ${reason}`, {
    hint: "attach an https address, or download the image and attach the file",
  });
}

/** How the bytes of a format start, in hexadecimal; the first that matches names it. */
type Signatures<T> = readonly (readonly [RegExp, T])[];

const IMAGES: Signatures<ImageMime> = [
  [/^89504e470d0a1a0a/, "image/png"],
  [/^ffd8ff/, "image/jpeg"],
  [/^52494646.{8}57454250/, "image/webp"],
  [/^474946383[79]61/, "image/gif"],
];

const OTHERS: Signatures<string> = [
  [/^$/, "an empty file"],
  [/^255044462d/, "a PDF document"],
  [/^504b0304/, "a zip archive or an office document"],
  [/^1f8b/, "a gzip archive"],
  [/^.{8}66747970(?:686569|6d6966)/, "an HEIC image"],
  [/^.{8}66747970617669/, "an AVIF image"],
  [/^.{8}66747970/, "a video"],
  [/^(?:49492a00|4d4d002a)/, "a TIFF image"],
  [/^424d.{8}0{8}/, "a BMP image"],
  [/^(?:20|0a|0d|09)*3c(?:3f786d6c|737667)/, "an SVG image or XML"],
];

/** More than any signature needs, with room for white space before XML. */
const START_BYTES = 64;

const matching = <T>(signatures: Signatures<T>, bytes: Buffer): T | undefined =>
  signatures.find(([pattern]) => pattern.test(bytes.toString("hex", 0, START_BYTES)))?.[1];

function describe(bytes: Buffer): string {
  const known = matching(OTHERS, bytes);
  if (known) return known;
  return isUtf8(bytes) && !bytes.includes(0)
    ? "text"
    : `unknown binary data (${bytes.toString("hex", 0, 8)}…)`;
}
