import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { isAgentIdentityError } from 'agent-identity-core';
import { readBoundedText } from 'agent-identity-core/http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

let server: Server;
let origin: string;
/** Bytes that the endless body wrote before its reader went away. */
let endlessBytes = 0;
let endlessClosed: Promise<void>;

beforeAll(async () => {
  let close: () => void;
  endlessClosed = new Promise((resolve) => {
    close = resolve;
  });
  server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/none') response.writeHead(204).end();
    else if (path === '/cut') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('short', () => response.destroy());
    } else if (path === '/endless') {
      const chunk = Buffer.alloc(16_384, 'a');
      const write = () => {
        while (!response.destroyed) {
          endlessBytes += chunk.length;
          if (!response.write(chunk)) break;
        }
      };
      response.on('drain', write).on('close', close);
      write();
    } else {
      const body = Buffer.from(decodeURIComponent(path.slice(1)));
      response.writeHead(200, { 'content-length': String(body.length) });
      // One byte at a time, so that characters come in pieces.
      for (const byte of body) response.write(Buffer.from([byte]));
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const bodyOf = (text: string) => fetch(`${origin}/${encodeURIComponent(text)}`);

describe('readBoundedText', () => {
  it('reads a body of up to maxBytes bytes', async () => {
    expect(await readBoundedText(await bodyOf('twelve bytes'), 12)).toBe('twelve bytes');
    expect(await readBoundedText(await bodyOf('{"task_id":"task-1"}'), 65_536)).toBe('{"task_id":"task-1"}');
  });

  it('counts bytes, not characters, and joins characters that arrive in pieces', async () => {
    expect(await readBoundedText(await bodyOf('漢字🤖'), 10)).toBe('漢字🤖');
    await expect(readBoundedText(await bodyOf('漢字🤖'), 9)).rejects.toThrow('over 9 bytes');
  });

  it('refuses one byte more with response_too_large', async () => {
    const error: unknown = await readBoundedText(await bodyOf('twelve bytes'), 11).catch((reason) => reason);
    expect(isAgentIdentityError(error) && error.code).toBe('response_too_large');
    expect(String(error)).not.toContain('twelve');
  });

  it('cuts the body off if truncate is set', async () => {
    expect(await readBoundedText(await bodyOf('twelve bytes'), 6, { truncate: true })).toBe('twelve');
    expect(await readBoundedText(await bodyOf('twelve bytes'), 0, { truncate: true })).toBe('');
    expect(await readBoundedText(await bodyOf('a漢'), 2, { truncate: true })).toBe('a\ufffd');
  });

  it('reads a missing body as empty text', async () => {
    expect(await readBoundedText(await fetch(`${origin}/none`), 0)).toBe('');
    expect(await readBoundedText(new Response(null), 0)).toBe('');
  });

  it('replaces bytes that are not UTF-8 with U+FFFD', async () => {
    expect(await readBoundedText(new Response(new Uint8Array([0x61, 0xff])), 10)).toBe('a\ufffd');
  });

  it('stops the sender of an endless body after reading little more than the limit', async () => {
    await expect(readBoundedText(await fetch(`${origin}/endless`), 65_536)).rejects.toThrow(
      'over 65536 bytes',
    );
    await endlessClosed;
    expect(endlessBytes).toBeLessThan(64 * 1024 * 1024);
  });

  it.each<[title: string, open: (cancel: () => void) => Response]>([
    ['a web stream', (cancel) => new Response(new ReadableStream({ cancel }))],
    ['a Node stream', (cancel) => ({ body: new Readable({ read() {} }).on('close', cancel) }) as never],
  ])('stops with the reason of its signal, and cancels %s', async (_, open) => {
    const cancel = vi.fn();
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    const reading = readBoundedText(open(cancel), 10, { signal: controller.signal });
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await vi.waitFor(() => expect(cancel).toHaveBeenCalledTimes(1));
  });

  it('stops waiting for a body without a stream with the reason of its signal', async () => {
    const reason = new Error('no longer wanted');
    const response = { text: () => new Promise(() => {}) } as never;
    const reading = readBoundedText(response, 10, { signal: AbortSignal.abort(reason) });
    await expect(reading).rejects.toBe(reason);
  });

  it('fails if the body ends too early', async () => {
    await expect(readBoundedText(await fetch(`${origin}/cut`), 1000)).rejects.toThrow();
  });

  it.each([Number.NaN, undefined])('reads nothing if the limit is %s', async (limit) => {
    await expect(readBoundedText(await bodyOf('x'), limit as number)).rejects.toThrow();
  });
});
