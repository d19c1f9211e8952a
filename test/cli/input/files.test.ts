import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readAttachment } from "../../../src/cli/input/attachment.ts";
import { readTextFile } from "../../../src/cli/input/text-file.ts";

const folder = mkdtempSync(join(tmpdir(), "riptide-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(at(name), content);
  return at(name);
};
const usage = (message: string) => ({ code: "usage", exit: 2, message });

describe("readTextFile", () => {
  it("keeps line ends and drops a byte order mark", async () => {
    expect(await readTextFile(put("a.txt", "\ufeffone\r\ntwo\n"))).toBe("one\r\ntwo\n");
  });

  it("reads a pipe to its end", async () => {
    execFileSync("mkfifo", [at("fifo")]);
    const [text] = await Promise.all([readTextFile(at("fifo")), writeFile(at("fifo"), "through a pipe")]);
    expect(text).toBe("through a pipe");
  });

  it("names what is wrong", async () => {
    const expectError = (path: string, message: string) =>
      expect(readTextFile(path, 10)).rejects.toMatchObject(usage(message));
    mkdirSync(at("d"));
    await expectError(at("missing"), `cannot read ${at("missing")}: no such file`);
    await expectError(at("d"), `cannot read ${at("d")}: it is a directory`);
    const binary = put("b.bin", new Uint8Array([0x61, 0xc3, 0x28]));
    await expectError(binary, `${binary} is not UTF-8 text: byte 0xc3 at offset 1`);
    const large = put("large.txt", "x".repeat(11));
    await expectError(large, `${large} is too large: 11 bytes, at most 10 bytes`);
    await expect(readTextFile("/dev/zero", 10)).rejects.toMatchObject(
      usage("/dev/zero is too large: more than 10 bytes, at most 10 bytes"),
    );
  });
});

describe("readAttachment", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

  it.each([
    ["image/png", png],
    ["image/jpeg", Buffer.from("ffd8ffe000104a464946", "hex")],
    ["image/webp", Buffer.from("RIFF\x10\0\0\0WEBPVP8 ", "latin1")],
    ["image/gif", Buffer.from("GIF89a\x01\0")],
    ["image/gif", Buffer.from("GIF87a\x01\0")],
  ])("recognises %s whatever the file is called", async (mime, bytes) => {
    expect(await readAttachment(put("picture.txt", bytes))).toEqual({
      type: "image",
      mime,
      base64: bytes.toString("base64"),
    });
  });

  it.each([
    ["an empty file", ""],
    ["a PDF document", "%PDF-1.7"],
    ["a zip archive or an office document", "PK\x03\x04"],
    ["an HEIC image", "\0\0\0\x18ftypheic"],
    ["an AVIF image", "\0\0\0\x18ftypavif"],
    ["a video", "\0\0\0\x18ftypisom"],
    ["a TIFF image", "II*\0"],
    ["a BMP image", "BM\x01\x02\x03\x04\0\0\0\0"],
    ["an SVG image or XML", '\n<svg xmlns="http://www.w3.org/2000/svg">'],
    ["text", "hello"],
    ["unknown binary data (0001020304050607…)", "\0\x01\x02\x03\x04\x05\x06\x07\x08"],
  ])("says that it found %s", async (what, content) => {
    const path = put("other", Buffer.from(content, "latin1"));
    await expect(readAttachment(path)).rejects.toMatchObject(
      usage(`${path} is not an image: it looks like ${what}`),
    );
  });

  it("takes 20 MB and not a byte more", async () => {
    const path = put("huge.png", png);
    truncateSync(path, 20_000_000);
    await expect(readAttachment(path)).resolves.toMatchObject({ mime: "image/png" });
    truncateSync(path, 20_000_001);
    await expect(readAttachment(path)).rejects.toThrow("huge.png is too large");
  });

  it("passes an https address on as it is", async () => {
    const url = "https://example.com/a%20b.png?x=1#y";
    expect(await readAttachment(url)).toEqual({ type: "image", url });
  });

  it.each([
    ["http://example.com/a.png", "cannot attach http://example.com/a.png: its scheme is http, not https"],
    ["file:///etc/passwd", "cannot attach file:///etc/passwd: its scheme is file, not https"],
    ["https://", "cannot attach https://: it is not a valid address"],
  ])("refuses %s", async (target, message) => {
    await expect(readAttachment(target)).rejects.toMatchObject(usage(message));
  });

  it("names a file that is missing", async () => {
    await expect(readAttachment(at("none.png"))).rejects.toThrow("none.png: no such file");
  });
});
