import { expect, it } from "vitest";
import { createAnswerReader } from "./answer-reader.ts";

const WHOLE = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
const EMPTY = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
const CHUNKED =
  "HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n3\r\nfoo\r\nA\r\n0123456789\r\n0\r\n\r\n";

/** What is heard of the answers when they come in pieces of so many bytes. */
function heard(text: string, size: number): readonly string[] {
  const said: string[] = [];
  let body = "";
  const read = createAnswerReader({
    head: (status) => void said.push(String(status)),
    data(bytes) {
      body += bytes.toString();
    },
    end() {
      said.push(body);
      body = "";
    },
  });
  for (let at = 0; at < text.length; at += size) read(Buffer.from(text.slice(at, at + size)));
  return said;
}

it.each([1, 2, 3, 7, 20, 1_000])("reads answers one after the other, %i bytes at a time", (size) => {
  const expected = ["200", "hello", "204", "", "503", "foo0123456789", "200", "hello"];
  expect(heard(WHOLE + EMPTY + CHUNKED + WHOLE, size)).toEqual(expected);
});

it("ends no answer before its last byte", () => {
  expect(heard(WHOLE.slice(0, -1), 1_000)).toEqual(["200"]);
  expect(heard(EMPTY, 1_000)).toEqual(["204", ""]);
  expect(heard(CHUNKED.slice(0, -1), 1_000)).toEqual(["503"]);
});
